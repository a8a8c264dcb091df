/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel types that tcpwatch touches, and of them only the fields that it reads.
 * Kept by hand; CO-RE moves every offset to where the running kernel has it. See README.md.
 */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__ /* the name that bpf_tracing.h looks for */

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct list_head {
	struct list_head *next, *prev;
};

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};

struct ns_common {
	unsigned int inum;
};

struct hlist_nulls_node {
	struct hlist_nulls_node *next;
};

struct hlist_nulls_head {
	struct hlist_nulls_node *first;
};

struct inet_ehash_bucket {
	struct hlist_nulls_head chain;
};

/* Connections of all network namespaces, but those that have a table of their own (6.1). */
struct inet_hashinfo {
	struct inet_ehash_bucket *ehash;
	unsigned int ehash_mask;
};

struct inet_timewait_death_row {
	struct inet_hashinfo *hashinfo;
};

struct netns_ipv4 {
	struct inet_timewait_death_row tcp_death_row;
};

struct net {
	struct ns_common ns;
	struct netns_ipv4 ipv4;
};

struct nsproxy {
	struct net *net_ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	unsigned int skc_hash; /* of the four addresses and ports; TIME_WAIT inherits it */
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	unsigned long skc_flags;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct hlist_nulls_node skc_nulls_node;
	int skc_incoming_cpu; /* of a full socket: in a union */
};

struct sock_reuseport;

struct sock {
	struct sock_common __sk_common;
	u16 sk_protocol;
	u16 sk_type;
	u8 sk_shutdown;
	int sk_err;
	u32 sk_ack_backlog;
	u32 sk_max_ack_backlog;
	atomic_t sk_drops;
	struct sock_reuseport *sk_reuseport_cb;
	struct socket *sk_socket;
};

struct request_sock_queue {
	atomic_t qlen;
};

/* Half-open: in the table of connections beside full sockets, told apart by skc_state. */
struct request_sock {
	struct sock_common __req_common;
};

struct inet_request_sock {
	struct request_sock req;
};

struct tcp_request_sock {
	struct inet_request_sock req;
};

struct timer_list {
	unsigned long expires;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	volatile unsigned char tw_substate;
	struct timer_list tw_timer;
};

struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	struct {
		u32 lrcvtime;
	} icsk_ack;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	struct list_head tsorted_sent_queue;
	u32 srtt_us;
	u32 total_retrans;
	u32 retrans_stamp;
	u8 tcp_usec_ts : 1;
	u64 tcp_wstamp_ns;
	u64 tcp_clock_cache;
	u32 rcv_nxt;
	u32 copied_seq;
	u32 write_seq;
	u32 snd_una;
	u32 lsndtime;
	u32 rcv_tstamp;
	u64 bytes_received;
	u64 bytes_sent;
	u64 bytes_retrans;
	struct request_sock *fastopen_rsk;
};

struct sockaddr {
	unsigned short sa_family;
};

struct sockaddr_in {
	unsigned short sin_family;
	__be16 sin_port;
	struct {
		__be32 s_addr;
	} sin_addr;
};

struct sockaddr_in6 {
	unsigned short sin6_family;
	__be16 sin6_port;
	__be32 sin6_flowinfo;
	struct in6_addr sin6_addr;
};

struct file_operations;

struct file {
	void *private_data;
	const struct file_operations *f_op;
};

struct socket {
	struct sock *sk;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *group_leader;
	u64 start_boottime;
	struct nsproxy *nsproxy;
	char comm[16];
};

struct sk_buff {
	unsigned int len;
};

struct seq_file;

/* Since 5.17; LISTEN_OVERFLOW since 6.13. The values move, so CO-RE looks them up by name. */
enum skb_drop_reason {
	SKB_DROP_REASON_TCP_LISTEN_OVERFLOW = 0xffff,
};

struct pt_regs {
	unsigned long di, si, dx, cx, r8, ax; /* x86_64 */
	unsigned long regs[31];               /* arm64 */
};

#pragma clang attribute pop

/*
 * Contexts of iterators never change: no CO-RE, which looks for each type that it meets through all
 * of the kernel's (0.7 ms at every load).
 */
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
	unsigned int uid;
};

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	u32 fd;
	struct file *file;
};

#endif
