/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A connection's way from its listener to a worker: born in softirq, held by the listener's queue
 * flow, claimed by the process that accepts it. Only process context claims; nothing is guessed
 * from whoever is on the CPU in softirq.
 */
#ifndef TCPWATCH_ACCEPTING_H
#define TCPWATCH_ACCEPTING_H

#include "flows.h"
#include "sock_table.h"

static __always_inline struct tw_listener *listener_at(u32 slot)
{
	return slot ? bpf_map_lookup_elem(&listeners, &slot) : NULL;
}

static __always_inline u32 listener_by_port(struct sock *sk, struct rung rung)
{
	struct tw_port port = {.netns = sk_netns(sk, RUNG_RAW), .port = sk_local_port(sk, rung)};
	u32 *slot = bpf_map_lookup_elem(&listener_of_port, &port);

	return slot ? *slot : 0;
}

/* The flow of a worker for what it accepts from a listener (or, unknown, from a local address). */
static __always_inline u32 accept_flow(struct who who, struct tw_listener *listener,
				       struct sock *sk, struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_IN};

	if (listener)
		key.peer = listener->address;
	else
		local_of(&key.peer, sk, sk_local_port(sk, rung), rung);
	return flow_of(&key, who);
}

/* A worker takes over a child of the queue. `now` is 0 where the moment of accept() is unknown. */
static __always_inline void claim(struct tw_sock *entry, struct who who, struct sock *sk, u64 now,
				  struct rung rung)
{
	struct tw_listener *listener = listener_at(entry->listener);
	u32 queue = entry->flow;
	struct tw_flow *flow;

	entry->flow = accept_flow(who, listener, sk, rung);
	entry->role = TW_ROLE_IN;
	if (entry->state != TW_CLOSE) {
		count_step(queue, entry->state, TW_OUTSIDE);
		count_step(entry->flow, TW_OUTSIDE, entry->state);
	}
	count_accept(entry->flow);
	if (listener)
		count(&listener->accepts);
	flow = flow_at(entry->flow);
	if (flow && now && entry->since_ns)
		count_time(flow, TW_TIMING_WAIT, now - entry->since_ns);
}

/* An accepted socket that is older than tcpwatch, or whose birth found no room. */
static __always_inline void adopt_accepted(struct sock *sk, struct who who, bool accepted_now,
					   struct rung rung)
{
	u8 state = sk_state(sk, rung);
	u32 slot = listener_by_port(sk, rung);
	struct tw_listener *listener = listener_at(slot);
	u32 flow_slot = accept_flow(who, listener, sk, rung);
	struct tw_sock *entry;

	if (accepted_now) {
		count_accept(flow_slot);
		if (listener)
			count(&listener->accepts);
	}
	if (state == TW_CLOSE)
		return;
	entry = sock_spill((u64)sk);
	if (!entry)
		return;
	entry->flow = flow_slot;
	entry->listener = slot;
	entry->role = TW_ROLE_IN;
	entry->state = state;
	count_step(flow_slot, TW_OUTSIDE, state);
}

/* accept() hands a socket to the current process. */
static __always_inline void accepted(struct sock *sk, u64 now, struct rung rung)
{
	struct tw_sock *entry = sock_find((u64)sk);

	if (!entry) {
		adopt_accepted(sk, current_process(rung), true, rung);
	} else if (entry->role == TW_ROLE_QUEUE) {
		claim(entry, current_process(rung), sk, now, rung);
		if (entry->flags & TW_SOCK_DEAD)
			sock_remove((u64)sk);
	}
}

#endif
