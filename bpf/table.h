/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the socket table's programs share: the question, the tables, and facts of sockets of all
 * three kinds (full, half-open, TIME_WAIT), which are alike only in struct sock_common.
 */
#ifndef TCPWATCH_TABLE_H
#define TCPWATCH_TABLE_H

#include "tcp_facts.h"

#include "tcpwatch/socket_table.h"

const volatile struct tw_table_query query;
struct tw_table_run run;
/* Ports that somebody listens on in the namespace at hand: connections of these were accepted. */
__u8 listening[65536];

struct socket_holder {
	tw_worker first;
	tw_worker last;
};

/* Sizes are set by user space; without preallocation an unused table costs nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, u64);
	__type(value, struct socket_holder);
} socket_holders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, struct tw_table_key);
	__type(value, struct tw_table_count);
} table_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u8);
} wanted_pids SEC(".maps");

static __always_inline u32 jiffies_since(u32 moment)
{
	return jiffies_between(moment, (u32)run.jiffies);
}

#define SOCK_DEAD_BIT 1 /* enum sock_flags: closed by its program, lives on for the protocol */

/* The facts that any of the three kinds has, by plain loads. */
static __always_inline void local_end(struct tw_endpoint *end, struct sock_common *any)
{
	end->port = any->skc_num;
	end->zero = 0;
	end->netns = any->skc_net.net->ns.inum;
	if (any->skc_family == AF_INET6) {
		u32 *to = (u32 *)end->address;

		to[0] = any->skc_v6_rcv_saddr.in6_u.u6_addr32[0];
		to[1] = any->skc_v6_rcv_saddr.in6_u.u6_addr32[1];
		to[2] = any->skc_v6_rcv_saddr.in6_u.u6_addr32[2];
		to[3] = any->skc_v6_rcv_saddr.in6_u.u6_addr32[3];
	} else {
		address_v4(end->address, any->skc_rcv_saddr);
	}
}

static __always_inline void remote_end(struct tw_endpoint *end, struct sock_common *any)
{
	remote_of(end, (struct sock *)any, RUNG_MODERN);
}

static __always_inline bool passes(u8 state, u16 local_port, u16 remote_port)
{
	if (!(query.states & 1u << (state & 31)))
		return false;
	return !query.port || query.port == local_port || query.port == remote_port;
}

static __always_inline void count_state(u32 *states, u8 state)
{
	states[state & (TW_TABLE_STATES - 1)]++;
}

/* The row of a key, made when it is new. NULL: no room, counted as folded. */
static __always_inline struct tw_table_count *row_of(struct tw_table_key *key, u8 state)
{
	static const struct tw_table_count empty;
	struct tw_table_count *row = bpf_map_lookup_elem(&table_counts, key);

	if (row)
		return row;
	bpf_map_update_elem(&table_counts, key, &empty, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&table_counts, key);
	if (!row)
		count_state(run.folded, state);
	return row;
}

/* What a row says of its full sockets besides their number. */
static __always_inline void count_age(struct tw_table_count *row, struct tcp_sock *tcp,
				      struct sock *sk, u8 state, struct rung rung)
{
	u32 since;

	if (state == TW_ESTABLISHED) {
		since = jiffies_since(tcp_sent_at(tcp, rung));
		if (since >= query.idle && jiffies_since(tcp_received_at(tcp, rung)) >= query.idle)
			row->idle++;
	} else if (state == TW_CLOSE_WAIT) {
		/* The FIN is the last thing that a peer says. */
		since = jiffies_since(tcp_heard_at(tcp, rung));
		if (row->states[TW_CLOSE_WAIT] == 1 || since > row->leaked_since) {
			row->leaked_since = since;
			remote_of(&row->leaked_to, sk, rung);
		}
	}
}

#endif
