/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where only counts are asked, listeners alone come from the iterator, and connections from a walk
 * through their table (walk.h).
 */
#ifndef TCPWATCH_TABLE_WALK_H
#define TCPWATCH_TABLE_WALK_H

#include "table_counts.h"
#include "walk.h"

static __always_inline void walked(const char *lines, u64 sk)
{
	u16 port = LINE(u16, sock_common, skc_num);
	u8 state = LINE(u8, sock_common, skc_state);
	struct tcp_sock *tcp = NULL;
	bool dead = true, nobodys = true;

	if (LINE(u64, sock_common, skc_net.net) != walk.net)
		return;
	if (state == TW_TIME_WAIT)
		state = LINE(u8, inet_timewait_sock, tw_substate);
	else if (state == TW_NEW_SYN_RECV)
		state = TW_SYN_RECV;
	else
		tcp = (struct tcp_sock *)sk;
	if (!passes(state, port, bpf_ntohs(LINE(u16, sock_common, skc_dport))))
		return;
	if (query.held && !holder_of(sk))
		return;
	if (query.by == TW_BY_PROCESS) {
		if (tcp) {
			dead = LINE(u64, sock_common, skc_flags) & 1 << SOCK_DEAD_BIT;
			nobodys = !tcp_file_side(tcp, RUNG_RAW);
		} else if (state == TW_SYN_RECV) {
			dead = false;
		}
		count_for_process(sk, tcp, state, port, RUNG_RAW);
	}
	count_one(state, query.by == TW_BY_PROCESS && nobodys, dead);
}

#endif
