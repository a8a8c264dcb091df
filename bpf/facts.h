/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only file that looks into kernel sockets and tasks. Each accessor reads one fact, by a plain
 * load where the rung allows it, else by a probe read.
 */
#ifndef TCPWATCH_FACTS_H
#define TCPWATCH_FACTS_H

#include "compat.h"
#include <bpf/bpf_endian.h>

#include "tcpwatch/abi.h"

#define SK_FACT(type, name, field)                                                                 \
	static __always_inline type sk_##name(struct sock *sk, struct rung rung)                   \
	{                                                                                          \
		return rung.direct ? sk->field : BPF_CORE_READ(sk, field);                         \
	}

SK_FACT(u16, family, __sk_common.skc_family)
SK_FACT(u16, local_port, __sk_common.skc_num)
SK_FACT(u16, remote_port_be, __sk_common.skc_dport)
SK_FACT(u8, state, __sk_common.skc_state)
SK_FACT(u32, hash, __sk_common.skc_hash)
SK_FACT(u16, protocol, sk_protocol)
SK_FACT(u8, shutdown, sk_shutdown)
SK_FACT(int, error, sk_err)
SK_FACT(u32, accept_queue, sk_ack_backlog)
SK_FACT(u32, accept_queue_limit, sk_max_ack_backlog)
SK_FACT(u32, drops, sk_drops.counter)

/*
 * On paths that are seldom taken RUNG_RAW is the better one: for each plain load of a pointer the
 * verifier searches all of the kernel's types, half a millisecond of our start.
 */
static __always_inline u32 sk_netns(struct sock *sk, struct rung rung)
{
	if (rung.direct)
		return sk->__sk_common.skc_net.net->ns.inum;
	return BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

/* A socket of a cgroup hook's context as a plain address, for probe reads. */
static __always_inline struct sock *untyped_sock(struct bpf_sock *typed)
{
	struct sock *sk = NULL;

	bpf_probe_read_kernel(&sk, sizeof(sk), &typed);
	return sk;
}

/* The fields behind struct sock, for probe reads: a typed pointer to it may not reach so far. */
static __always_inline struct tcp_sock *as_tcp(struct sock *sk)
{
	return (struct tcp_sock *)sk;
}

/* The same for plain loads. */
#define SK_TCP_FACT(type, name, field)                                                             \
	static __always_inline type sk_##name(struct sock *sk, struct rung rung)                   \
	{                                                                                          \
		struct tcp_sock *tcp;                                                              \
                                                                                                   \
		if (!bpf_core_field_exists(struct tcp_sock, field))                                \
			return 0;                                                                  \
		if (!rung.direct)                                                                  \
			return BPF_CORE_READ(as_tcp(sk), field);                                   \
		tcp = bpf_skc_to_tcp_sock(sk);                                                     \
		return tcp ? tcp->field : 0;                                                       \
	}

/* bpf_ktime_get_ns() as the kernel read it for the segment or timer that it is working on. */
SK_TCP_FACT(u64, clock_ns, tcp_clock_cache)
/* The same clock when the last segment was sent; 0: none was. */
SK_TCP_FACT(u64, last_sent_ns, tcp_wstamp_ns)
SK_TCP_FACT(u32, retransmits, total_retrans)
SK_TCP_FACT(u32, first_sent_stamp, retrans_stamp) /* of what is not acknowledged */

/* The port survives here where skc_num is already 0: at every step to CLOSE. */
static __always_inline u16 sk_source_port(struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ(as_tcp(sk), inet_conn.icsk_inet.inet_sport));
}

/* The unit of the stamp above. */
static __always_inline u32 sk_stamp_ns(struct sock *sk)
{
	struct tcp_sock *tcp = as_tcp(sk);

	if (bpf_core_field_exists(tcp->tcp_usec_ts) &&
	    BPF_CORE_READ_BITFIELD_PROBED(tcp, tcp_usec_ts))
		return 1000;
	return 1000000;
}

/* A child that TCP Fast Open queued before its handshake was complete. */
static __always_inline bool sk_fast_open(struct sock *sk)
{
	return BPF_CORE_READ(as_tcp(sk), fastopen_rsk) != NULL;
}

static __always_inline void address_v4(__u8 *address, __be32 v4)
{
	*(u64 *)address = 0;
	*(u32 *)(address + 8) = bpf_htonl(0xffff);
	*(u32 *)(address + 12) = v4;
}

/* By words: a plain load takes no more. */
#define LOAD_V6(end, sk, field)                                                                    \
	do {                                                                                       \
		u32 *to = (u32 *)(end)->address;                                                   \
                                                                                                   \
		to[0] = (sk)->__sk_common.field.in6_u.u6_addr32[0];                                \
		to[1] = (sk)->__sk_common.field.in6_u.u6_addr32[1];                                \
		to[2] = (sk)->__sk_common.field.in6_u.u6_addr32[2];                                \
		to[3] = (sk)->__sk_common.field.in6_u.u6_addr32[3];                                \
	} while (0)

static __always_inline void remote_of(struct tw_endpoint *end, struct sock *sk, struct rung rung)
{
	end->port = bpf_ntohs(sk_remote_port_be(sk, rung));
	end->zero = 0;
	end->netns = sk_netns(sk, rung);
	if (sk_family(sk, rung) == AF_INET6) {
		if (rung.direct)
			LOAD_V6(end, sk, skc_v6_daddr);
		else
			BPF_CORE_READ_INTO((struct in6_addr *)end->address, sk,
					   __sk_common.skc_v6_daddr);
	} else {
		address_v4(end->address, rung.direct ? sk->__sk_common.skc_daddr
						     : BPF_CORE_READ(sk, __sk_common.skc_daddr));
	}
}

/* `port` is given, since its field depends on the moment: see sk_source_port(). */
static __always_inline void local_of(struct tw_endpoint *end, struct sock *sk, u16 port,
				     struct rung rung)
{
	end->port = port;
	end->zero = 0;
	end->netns = sk_netns(sk, RUNG_RAW);
	if (sk_family(sk, rung) == AF_INET6) {
		BPF_CORE_READ_INTO((struct in6_addr *)end->address, sk,
				   __sk_common.skc_v6_rcv_saddr);
	} else {
		address_v4(end->address, BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr));
	}
}

/*
 * Both ends, for stories, of which there may be ten a connection: in half the time. The port's own
 * field is as good, but for the step to CLOSE.
 */
static __always_inline void ends_of(struct tw_endpoint *local, struct tw_endpoint *remote,
				    struct sock *sk, struct rung rung)
{
	u16 port = rung.direct ? sk_local_port(sk, rung) : 0;

	if (!port)
		port = sk_source_port(sk);
	remote_of(remote, sk, rung);
	if (!rung.direct) {
		local_of(local, sk, port, rung);
		return;
	}
	local->port = port;
	local->zero = 0;
	local->netns = remote->netns;
	if (sk_family(sk, rung) == AF_INET6)
		LOAD_V6(local, sk, skc_v6_rcv_saddr);
	else
		address_v4(local->address, sk->__sk_common.skc_rcv_saddr);
}

/*
 * A child is a byte copy of its listener until tcp_create_openreq_child() is done with it, so that
 * at LISTEN -> SYN_RECV the list head of its sent queue still points into the listener itself:
 * the only thing in a child that tells which member of a SO_REUSEPORT group it came from.
 * Measured on 5.10 to 7.2 (docs/kernel-notes.md). The result is a name, never dereferenced.
 */
SK_TCP_FACT(struct list_head *, next_to_sent_queue, tsorted_sent_queue.next)

static __always_inline u64 listener_of_child(struct sock *child, struct rung rung)
{
	u64 neighbour = (u64)sk_next_to_sent_queue(child, rung);

	return neighbour - bpf_core_field_offset(struct tcp_sock, tsorted_sent_queue);
}

/* A process: its identity and where to read its name, should it be new to us. */
struct who {
	tw_worker worker;
	struct task_struct *leader;
};

#define NOBODY ((struct who){0})

/* /proc counts start times in USER_HZ ticks of 10 ms. */
#define NS_PER_TICK 10000000

static __always_inline tw_worker worker_id(u32 pid, u64 start_ns)
{
	return (u64)pid << 32 | (u32)(start_ns / NS_PER_TICK);
}

static __always_inline struct who process_of(struct task_struct *task)
{
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	u64 start = BPF_CORE_READ(leader, start_boottime);

	return (struct who){worker_id(BPF_CORE_READ(task, tgid), start), leader};
}

static __always_inline struct who current_process(struct rung rung)
{
	struct task_struct *leader;
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (!rung.task)
		return process_of((struct task_struct *)bpf_get_current_task());
	leader = bpf_get_current_task_btf()->group_leader;
	return (struct who){worker_id(pid, leader->start_boottime), leader};
}

static __always_inline void name_of(char *comm, struct who who)
{
	struct task_struct *leader = who.leader;

	if (leader)
		bpf_core_read_str(comm, TW_COMM, &leader->comm);
}

#endif
