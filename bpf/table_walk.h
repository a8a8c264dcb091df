/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iterator takes a lock for each bucket and a reference for each socket: 220 ns a socket of a
 * full table, most of it spent waiting for memory. Where only counts are asked, listeners alone
 * come from the iterator, and the table of connections is walked here under RCU, one read of each
 * socket's first lines: half of that. A chain that changes meanwhile may be cut short or left for
 * another, as a reader of /proc/net/tcp may miss what moves; nothing is followed but what the
 * probe reads let us follow.
 */
#ifndef TCPWATCH_TABLE_WALK_H
#define TCPWATCH_TABLE_WALK_H

#include "table_counts.h"

#define WALK_HEADS 64  /* of chains, read at once */
#define WALK_LINES 160 /* bytes of a socket: struct sock_common, and tw_substate behind it */

/*
 * Where the walk stands. Not on the stack: before 6.7 the verifier follows a callback once, so that
 * what it takes for a constant the first time round would cut off the rest as dead code.
 */
struct {
	__u64 buckets;
	__u64 node; /* odd: the end of a chain */
	__u64 net;
	__u32 at;
	__u32 end;
	__u64 heads[WALK_HEADS];
} walk;

static __always_inline void walk_socket(const char *lines, u64 sk, u16 port)
{
	u8 state = *(u8 *)(lines + bpf_core_field_offset(struct sock_common, skc_state));
	struct tcp_sock *tcp = NULL;
	bool dead = true, nobodys = true;

	if (state == TW_TIME_WAIT)
		state = *(u8 *)(lines +
				bpf_core_field_offset(struct inet_timewait_sock, tw_substate));
	else if (state == TW_NEW_SYN_RECV)
		state = TW_SYN_RECV;
	else
		tcp = (struct tcp_sock *)sk;
	if (!passes(state, port,
		    bpf_ntohs(*(u16 *)(lines +
				       bpf_core_field_offset(struct sock_common, skc_dport)))))
		return;
	if (query.held && !holder_of(sk))
		return;
	if (query.by == TW_BY_PROCESS) {
		if (tcp) {
			dead = *(u64 *)(lines +
					bpf_core_field_offset(struct sock_common, skc_flags)) &
			       1 << SOCK_DEAD_BIT;
			nobodys = !tcp_file_side(tcp, RUNG_RAW);
		} else if (state == TW_SYN_RECV) {
			dead = false;
		}
		count_for_process(sk, tcp, state, port, RUNG_RAW);
	}
	count_one(state, query.by == TW_BY_PROCESS && nobodys, dead);
}

static long walk_step(u32 step, void *nothing)
{
	char lines[WALK_LINES];
	u64 sk;

	if (walk.node & 1) {
		u32 at = walk.at % WALK_HEADS;

		if (walk.at >= walk.end)
			return 1;
		if (!at && bpf_probe_read_kernel(walk.heads, sizeof(walk.heads),
						 (void *)(walk.buckets + walk.at * 8ULL)))
			return 1;
		walk.node = walk.heads[at];
		walk.at++;
		return 0;
	}
	sk = walk.node - bpf_core_field_offset(struct sock_common, skc_nulls_node.next);
	if (!walk.node || bpf_probe_read_kernel(lines, sizeof(lines), (void *)sk)) {
		walk.node = 1;
		return 0;
	}
	walk.node =
		*(u64 *)(lines + bpf_core_field_offset(struct sock_common, skc_nulls_node.next));
	if (*(u64 *)(lines + bpf_core_field_offset(struct sock_common, skc_net.net)) == walk.net)
		walk_socket(lines, sk,
			    *(u16 *)(lines + bpf_core_field_offset(struct sock_common, skc_num)));
	return 0;
}

#endif
