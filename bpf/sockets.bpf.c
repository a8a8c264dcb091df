// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that existed before us, and owners that no hook has told: an iterator over all open
 * files. Listeners first, so that in the second pass a local port tells which way a connection goes.
 */
#include "listening.h"
#include <bpf/bpf_tracing.h>

enum sweep_pass { SWEEP_LISTENERS = 0, SWEEP_CONNECTIONS = 1 };

__u32 sweep_pass;

static __always_inline void sweep_listener(struct sock *sk, struct who who, struct rung rung)
{
	struct tw_sock *entry;

	if (sock_find((u64)sk))
		return;
	entry = sock_spill((u64)sk);
	if (entry)
		listener_make(sk, who, TW_OUTSIDE, entry, rung);
}

static __always_inline void sweep_outgoing(struct sock *sk, struct who who, u8 state,
					   struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_OUT};
	struct tw_sock *entry;
	u32 slot;

	remote_of(&key.peer, sk, rung);
	slot = flow_of(&key, who);
	entry = sock_spill((u64)sk);
	if (!entry)
		return;
	entry->flow = slot;
	entry->role = TW_ROLE_OUT;
	entry->state = state;
	count_step(slot, TW_OUTSIDE, state);
}

static __always_inline void sweep_connection(struct sock *sk, struct who who, u8 state,
					     struct rung rung)
{
	struct tw_sock *entry = sock_find((u64)sk);

	if (entry) {
		/* Accepted without any hook's notice: whoever holds it now did so. */
		if (entry->role == TW_ROLE_QUEUE)
			claim(entry, who, sk, 0, rung);
		return;
	}
	if (listener_by_port(sk, rung))
		adopt_accepted(sk, who, false, rung);
	else
		sweep_outgoing(sk, who, state, rung);
	/* Closed while we looked: its step found no entry, so nobody else would remove it. */
	if (sk_state(sk, rung) == TW_CLOSE) {
		entry = sock_find((u64)sk);
		if (entry && entry->state == state) {
			count_step(entry->flow, state, TW_OUTSIDE);
			sock_remove((u64)sk);
		}
	}
}

/* Most files hold a socket whose owner is known: then the socket itself, cold memory, is not read. */
static __always_inline bool has_owner(struct sock *sk)
{
	struct tw_sock *entry = sock_find((u64)sk);

	return entry && entry->role != TW_ROLE_QUEUE;
}

static __always_inline int sweep(struct task_struct *task, struct sock *sk, struct rung rung)
{
	struct who who;
	u16 family;
	u8 state;

	if (has_owner(sk))
		return 0;
	family = sk_family(sk, rung);
	if ((family != AF_INET && family != AF_INET6) || sk_protocol(sk, rung) != IPPROTO_TCP)
		return 0;
	who = process_of(task);
	state = sk_state(sk, rung);
	if (sweep_pass == SWEEP_LISTENERS) {
		if (state == TW_LISTEN)
			sweep_listener(sk, who, rung);
	} else if (state != TW_LISTEN && state != TW_CLOSE) {
		sweep_connection(sk, who, state, rung);
	}
	return 0;
}

SEC("?iter/task_file")
int sweep_files(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket *socket;

	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	return socket ? sweep(task, BPF_CORE_READ(socket, sk), RUNG_RAW) : 0;
}

/* 5.10 has no such helper: sockets are known by their file operations. */
SEC("?iter/task_file")
int sweep_files_old(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket *socket;

	if (!task || !file || (u64)file->f_op != config.socket_file_ops)
		return 0;
	socket = file->private_data;
	return sweep(task, BPF_CORE_READ(socket, sk), RUNG_RAW);
}

char _license[] SEC("license") = "GPL";
