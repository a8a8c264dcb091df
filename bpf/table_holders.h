/* SPDX-License-Identifier: GPL-2.0-only */
/* Who holds which socket: one open file of one process at a time. */
#ifndef TCPWATCH_TABLE_HOLDERS_H
#define TCPWATCH_TABLE_HOLDERS_H

#include "table.h"

static __always_inline bool asked_for(u32 pid, const char *comm)
{
	if (query.pids && !bpf_map_lookup_elem(&wanted_pids, &pid))
		return false;
	if (!query.comm[0])
		return true;
	for (u32 i = 0; i < TW_COMM; i++) {
		if (query.comm[i] != comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

/* The process at hand: an iterator comes to all files of one before it goes to the next. */
struct {
	__u64 task;
	tw_worker worker;
	char comm[TW_COMM];
	__u64 wanted;
} at_hand;

static __always_inline void take_in_hand(struct task_struct *task)
{
	struct who who;

	if (at_hand.task == (u64)task)
		return;
	who = process_of(task);
	__builtin_memset(at_hand.comm, 0, TW_COMM);
	name_of(at_hand.comm, who);
	at_hand.worker = who.worker;
	run.jiffies = bpf_jiffies64();
	at_hand.wanted = asked_for(who.worker >> 32, at_hand.comm);
	at_hand.task = (u64)task;
}

static __always_inline void count_held(struct sock *sk, u8 state, struct rung rung)
{
	struct tw_table_key key = {.worker = at_hand.worker};
	struct tw_table_count *row = row_of(&key, state);

	if (!row)
		return;
	if (!row->comm[0])
		__builtin_memcpy(row->comm, at_hand.comm, TW_COMM);
	count_state(row->states, state);
	count_age(row, as_tcp(sk), sk, state, rung);
}

static __always_inline int hold(struct seq_file *out, struct sock *sk, struct rung rung)
{
	struct tw_table_holder told = {};
	struct socket_holder *known, held;
	u8 state = sk_state(sk, rung);

	if (!passes(state, sk_local_port(sk, rung), bpf_ntohs(sk_remote_port_be(sk, rung))))
		return 0;
	if (query.netns && sk_netns(sk, rung) != query.netns)
		return 0;
	told.sk = (u64)sk;
	told.worker = at_hand.worker;
	known = bpf_map_lookup_elem(&socket_holders, &told.sk);
	/* A process is visited as a whole: another descriptor of it, or a retry of this one. */
	if (known && known->last == told.worker)
		return 0;
	if (query.by == TW_BY_SOCKET || query.by == TW_BY_LISTENER) {
		__builtin_memcpy(told.comm, at_hand.comm, TW_COMM);
		if (bpf_seq_write(out, &told, sizeof(told)))
			return 0;
	}
	if (known) {
		known->last = told.worker;
	} else {
		held.first = held.last = told.worker;
		if (bpf_map_update_elem(&socket_holders, &told.sk, &held, BPF_NOEXIST))
			run.lost++;
		count_state(run.owned, state);
	}
	if (query.by == TW_BY_PROCESS)
		count_held(sk, state, rung);
	return 0;
}

#endif
