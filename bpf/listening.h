/* SPDX-License-Identifier: GPL-2.0-only */
/* A listening socket's entry, its slot of counters and its two flows. */
#ifndef TCPWATCH_LISTENING_H
#define TCPWATCH_LISTENING_H

#include "accepting.h"

/*
 * `from` is the step that is counted: TW_CLOSE for listen() just called, TW_OUTSIDE for a listener
 * older than tcpwatch.
 */
static __always_inline void listener_make(struct sock *sk, struct who who, u8 from,
					  struct tw_sock *entry, struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_LISTEN};
	struct tw_listener *listener;
	struct tw_port port;
	u32 slot;

	local_of(&key.peer, sk, sk_local_port(sk, rung), rung);
	entry->flow = flow_of(&key, who);
	entry->role = TW_ROLE_LISTEN;
	entry->state = TW_LISTEN;
	count_step(entry->flow, from, TW_LISTEN);

	if (bpf_map_pop_elem(&free_listeners, &slot)) {
		fold();
		return;
	}
	listener = listener_at(slot);
	if (!listener)
		return;
	listener->address = key.peer;
	listener->owner = who.worker;
	name_of(listener->comm, who);
	listener->queue_limit = sk_accept_queue_limit(sk, rung);
	listener->queue_now = sk_accept_queue(sk, rung);
	listener->queue_at_start = listener->queue_now;
	listener->drops = sk_drops(sk, rung);
	listener->drops_at_start = listener->drops;
	listener->flow_listen = entry->flow;
	key.role = TW_ROLE_QUEUE;
	listener->flow_queue = flow_of(&key, NOBODY);
	listener->sk = (u64)sk;
	entry->listener = slot;

	port.netns = key.peer.netns;
	port.port = key.peer.port;
	bpf_map_update_elem(&listener_of_port, &port, &slot, BPF_ANY);
}

/* LISTEN -> CLOSE: its last figures stay in the slot until user space has read them. */
static __always_inline void listener_end(struct sock *sk, struct tw_sock *entry, struct rung rung)
{
	struct tw_listener *listener = listener_at(entry->listener);
	struct tw_port port;
	u32 *slot;

	count_step(entry->flow, TW_LISTEN, TW_CLOSE);
	if (listener) {
		listener->queue_now = sk_accept_queue(sk, rung);
		listener->drops = sk_drops(sk, rung);
		port.netns = listener->address.netns;
		port.port = listener->address.port;
		slot = bpf_map_lookup_elem(&listener_of_port, &port);
		if (slot && *slot == entry->listener)
			bpf_map_delete_elem(&listener_of_port, &port);
		listener->closed = 1;
	}
	sock_remove((u64)sk);
}

/* The longest queue since the last read. Without compare-and-swap two CPUs may lose one update. */
static __always_inline void note_peak(struct tw_listener *listener, u32 length, struct rung rung)
{
	u32 seen = listener->queue_peak;

	if (!rung.atomics) {
		if (length > seen)
			listener->queue_peak = length;
		return;
	}
	for (int attempt = 0; attempt < 4; attempt++) {
		u32 found;

		if (length <= seen)
			return;
		found = __sync_val_compare_and_swap(&listener->queue_peak, seen, length);
		if (found == seen)
			return;
		seen = found;
	}
}

/* LISTEN -> SYN_RECV: the handshake made a socket. It carries a copy of the listener's fields. */
static __always_inline void child_born(struct sock *child, struct rung rung)
{
	struct tw_sock *parent = sock_find(listener_of_child(child, rung));
	u32 slot = parent && parent->role == TW_ROLE_LISTEN ? parent->listener
							    : listener_by_port(child, rung);
	struct tw_listener *listener = listener_at(slot);
	struct tw_sock *entry = sock_insert((u64)child, rung);
	u32 flow_slot = listener ? listener->flow_queue : 0;

	count_step(flow_slot, TW_LISTEN, TW_SYN_RECV);
	if (listener) {
		u32 length = sk_accept_queue(child, rung) + 1;

		count(&listener->children);
		listener->queue_now = length;
		note_peak(listener, length, rung);
	}
	if (entry) {
		entry->flow = flow_slot;
		entry->listener = slot;
		entry->role = TW_ROLE_QUEUE;
		entry->state = TW_SYN_RECV;
	}
}

#endif
