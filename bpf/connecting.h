/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connect() and its outcome, from state steps alone: CLOSE -> SYN_SENT begins it in the caller's
 * context, SYN_SENT -> ESTABLISHED or -> CLOSE ends it, anywhere.
 */
#ifndef TCPWATCH_CONNECTING_H
#define TCPWATCH_CONNECTING_H

#include "sock_table.h"
#include "stories.h"

static __always_inline void connect_begin(struct sock *sk, struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_OUT};
	struct tw_sock *entry;
	u32 slot;

	remote_of(&key.peer, sk, rung);
	slot = flow_of(&key, current_process(rung));
	count_attempt(slot);
	count_step(slot, TW_CLOSE, TW_SYN_SENT);
	entry = sock_insert((u64)sk, rung);
	if (!entry)
		return;
	entry->flow = slot;
	entry->role = TW_ROLE_OUT;
	entry->state = TW_SYN_SENT;
	entry->since_ns = bpf_ktime_get_ns();
}

/*
 * When the first SYN of this attempt was sent; 0: none was. What the kernel keeps is when the last
 * was; of the first of several it keeps the millisecond.
 */
static __always_inline u64 syn_sent_ns(struct sock *sk, const struct tw_sock *entry,
				       struct rung rung)
{
	u64 begin = entry->since_ns, sent = untold(sk_last_sent_ns(sk, rung)), unit, first;

	if (sent < begin)
		return 0; /* by an earlier connect() of the same socket, if at all */
	if (!sk_retransmits(sk, rung))
		return sent;
	unit = untold(sk_stamp_ns(sk));
	first = begin / unit;
	first = (first + (int)(sk_first_sent_stamp(sk, rung) - (u32)first)) * unit;
	return first > begin ? first : begin;
}

/* What connect() spends in the kernel: nearly all of it looking for a source port. */
static __always_inline void kernel_time(struct tw_sock *entry, struct tw_flow *flow, u64 end)
{
	u64 spent = end - entry->since_ns;

	if (!measuring_kernel_time || !end || !entry->since_ns)
		return;
	entry->kernel_ns = spent > 0xffffffff ? 0xffffffff : (u32)spent;
	count_time(flow, TW_TIMING_KERNEL, spent);
}

static __always_inline void connect_story(struct sock *sk, const struct tw_sock *entry,
					  const struct tw_flow *flow, u32 reason, int error,
					  u64 now, struct rung rung)
{
	struct tw_connect *story = STORY(tw_connect, TW_KIND_CONNECT, now);

	if (!story)
		return;
	story_owner(&story->worker, story->comm, flow);
	local_of(&story->local, sk, sk_source_port(sk), rung);
	story->remote = flow->key.peer;
	story->duration_ns = entry->since_ns ? now - entry->since_ns : 0;
	story->kernel_ns = entry->kernel_ns;
	story->reason = reason;
	story->error = error;
	story_end(story);
}

static __always_inline void connect_failed(struct sock *sk, struct tw_sock *entry,
					   struct tw_flow *flow, u32 reason, int error, u64 now,
					   struct rung rung)
{
	count(&flow->failures[reason & (TW_REASONS - 1)]);
	if (entry->since_ns)
		count_time(flow, TW_TIMING_FAILED, now - entry->since_ns);
	if (config.detail & TW_DETAIL_FAILURES)
		connect_story(sk, entry, flow, reason, error, now, rung);
	sock_remove((u64)sk);
}

/*
 * SYN_SENT -> CLOSE. The kernel's verdict is in sk_err, if it gave one. Without: the program gave
 * up (it shut the socket down, or a SYN had left: connect(AF_UNSPEC), shutdown()), or no SYN ever
 * left, for want of a source port; an exit hook, where there is one, knows that errno better.
 */
static __always_inline void handshake_died(struct sock *sk, struct tw_sock *entry,
					   struct tw_flow *flow, struct rung rung)
{
	u64 now = bpf_ktime_get_ns(), sent = syn_sent_ns(sk, entry, rung);
	int error = sk_error(sk, rung);
	u32 reason;

	kernel_time(entry, flow, sent ? sent : now);
	if (error) {
		reason = reason_of(error);
	} else if (sent || sk_shutdown(sk, rung) == SHUTDOWN_MASK) {
		reason = TW_REASON_ABANDONED;
	} else if (connect_exit_hook) {
		entry->flags |= TW_SOCK_UNSENT;
		entry->state = TW_CLOSE;
		return;
	} else {
		reason = TW_REASON_EADDRNOTAVAIL;
		error = 99;
	}
	connect_failed(sk, entry, flow, untold(reason), untold(error), now, rung);
}

static __always_inline void connect_established(struct sock *sk, struct tw_sock *entry,
						struct tw_flow *flow, struct rung rung)
{
	u64 now = sk_clock_ns(sk, rung);

	kernel_time(entry, flow, syn_sent_ns(sk, entry, rung));
	if (entry->since_ns)
		count_time(flow, TW_TIMING_CONNECT, now - entry->since_ns);
	if (config.detail & TW_DETAIL_OUTCOMES)
		connect_story(sk, entry, flow, TW_REASON_NONE, 0, now, rung);
	entry->since_ns = now;
}

#endif
