// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every state change of every TCP socket, from the one source that is complete: the tracepoint
 * inet_sock_set_state (tcp_set_state() misses LISTEN and SYN_RECV of children).
 */
#include "connecting.h"
#include "listening.h"
#include "makers.h"
#include "second_look.h"
#include "tcp_facts.h"
#include <bpf/bpf_tracing.h>

static __always_inline void step_story(struct sock *sk, const struct tw_sock *entry,
				       const struct tw_flow *flow, u8 from, u8 to, struct rung rung)
{
	struct tw_step_record *story = STORY(tw_step_record, TW_KIND_STEP, bpf_ktime_get_ns());

	if (!story)
		return;
	story->sk = (u64)sk;
	story->worker = flow->key.worker;
	ends_of(&story->local, &story->remote, sk, rung);
	story->from = from;
	story->to = to;
	story->role = entry->role;
	story->zero8 = 0;
	story->error = sk_error(sk, rung);
	story_end(story);
}

static __always_inline void close_story(struct sock *sk, const struct tw_sock *entry,
					const struct tw_flow *flow, u8 from, struct rung rung)
{
	struct tcp_sock *tcp = rung.direct ? bpf_skc_to_tcp_sock(sk) : as_tcp(sk);
	u64 now = bpf_ktime_get_ns();
	struct tw_closed *story;

	if (!tcp)
		return;
	story = STORY(tw_closed, TW_KIND_CLOSED, now);
	if (!story)
		return;
	story_owner(&story->worker, story->comm, flow);
	ends_of(&story->local, &story->remote, sk, rung);
	story->lifetime_ns = entry->since_ns ? now - entry->since_ns : 0;
	story->bytes_in = tcp_bytes_in(tcp, rung);
	story->bytes_out = tcp_bytes_out(tcp, rung);
	story->srtt_us = tcp_rtt(tcp, rung) >> 3;
	story->retransmits = tcp_retransmits(tcp, rung);
	story->error = sk_error(sk, rung);
	story->role = entry->role;
	story->last_state = from;
	story->zero = 0;
	story_end(story);
}

/* A connection's end. One that nobody has accepted yet stays known: accept() may still hand it out. */
static __always_inline void closed(struct sock *sk, struct tw_sock *entry, struct tw_flow *flow,
				   u8 from, struct rung rung)
{
	struct tw_listener *listener = listener_at(entry->listener);

	if (from == TW_SYN_SENT) {
		handshake_died(sk, entry, flow, rung);
		return;
	}
	if (from != TW_SYN_RECV && config.detail & TW_DETAIL_CLOSES && may_tell_end())
		close_story(sk, entry, flow, from, rung);
	if (from == TW_FIN_WAIT2 || from == TW_CLOSING)
		note_maker(sk_hash(sk, rung), sk_source_port(sk), entry->flow, rung);
	if (entry->role == TW_ROLE_QUEUE && listener && !listener->closed) {
		if (from != TW_SYN_RECV || sk_fast_open(sk)) {
			entry->state = TW_CLOSE;
			entry->flags |= TW_SOCK_DEAD;
			return;
		}
		count(&listener->aborted);
	}
	sock_remove((u64)sk);
}

/* A step whose beginning we did not see and no iterator found: counted, belongs to nobody. */
static __always_inline void step_of_stranger(u8 from, u8 to)
{
	count_step(0, from, to);
}

#define AT_ONCE 1000000000ULL
#define A_SHORT_NO 256 /* bytes; redis: "-ERR max number of clients reached" */

/*
 * The worker closes what it has just accepted, unread, with no word or a short one: it has no room
 * for it. A peer's reset is none of this: the socket is shut down after that step, but before one
 * of our own.
 */
static __always_inline bool is_turned_away(struct sock *sk, const struct tw_sock *entry, u8 to,
					   struct rung rung)
{
	struct tcp_sock *tcp = as_tcp(sk);
	u32 unread;

	if (to == TW_CLOSE && sk_shutdown(sk, rung) != 3)
		return false;
	if (tcp_sent_bytes(tcp, RUNG_RAW) > A_SHORT_NO ||
	    bpf_ktime_get_ns() - entry->since_ns > AT_ONCE)
		return false;
	unread = tcp_received_next(tcp, RUNG_RAW) - tcp_copied(tcp, RUNG_RAW);
	return unread >= tcp_received_bytes(tcp, RUNG_RAW);
}

static __always_inline void step(struct sock *sk, u8 from, u8 to, struct rung rung)
{
	struct tw_sock *entry = sock_find((u64)sk);
	struct tw_flow *flow;

	if (entry && !sock_comes_to(entry, from)) {
		sock_reuse(entry);
		sock_remove((u64)sk);
		entry = NULL;
	}
	if (!entry) {
		step_of_stranger(from, to);
		return;
	}
	if (to == TW_CLOSE && entry->role == TW_ROLE_LISTEN) {
		listener_end(sk, entry, rung);
		return;
	}
	/* Both steps are made by close() or shutdown(): we are in the context of the owner. */
	if (entry->role == TW_ROLE_QUEUE && (to == TW_FIN_WAIT1 || to == TW_LAST_ACK))
		claim(entry, current_process(rung), sk, 0, rung);
	flow = flow_at(entry->flow);
	if (!flow)
		return;
	if (entry->state != from) {
		count_step(entry->flow, entry->state, TW_OUTSIDE);
		count_step(entry->flow, TW_OUTSIDE, from);
	}
	count_step(entry->flow, from, to);
	entry->state = to;
	if (from == TW_ESTABLISHED && entry->role == TW_ROLE_IN &&
	    (to == TW_FIN_WAIT1 || to == TW_CLOSE) && is_turned_away(sk, entry, to, rung))
		count(&flow->failures[TW_TURNED_AWAY]);
	if (config.detail & TW_DETAIL_TRANSITIONS)
		step_story(sk, entry, flow, from, to, rung);
	if (to == TW_ESTABLISHED) {
		if (entry->role == TW_ROLE_OUT)
			connect_established(sk, entry, flow, rung);
		else
			entry->since_ns = sk_clock_ns(sk, rung);
	} else if (to == TW_CLOSE_WAIT) {
		entry->leaked_at = (u32)bpf_jiffies64();
		entry->flags |= TW_SOCK_DATED;
	} else if (to == TW_CLOSE) {
		closed(sk, entry, flow, from, rung);
	}
}

/* The first step of a socket's life, told after its entry was made. */
static __always_inline void birth_story(struct sock *sk, u8 from, u8 to, struct rung rung)
{
	struct tw_sock *entry = sock_find((u64)sk);
	struct tw_flow *flow = entry ? flow_at(entry->flow) : NULL;

	if (flow)
		step_story(sk, entry, flow, from, to, rung);
}

static __always_inline void state_changed(struct sock *sk, u8 from, u8 to, struct rung rung)
{
	if (to == TW_SYN_SENT) {
		connect_begin(sk, rung);
	} else if (to == TW_SYN_RECV && from == TW_LISTEN) {
		child_born(sk, rung);
	} else if (to == TW_LISTEN) {
		struct tw_sock *entry = sock_insert((u64)sk, rung);

		if (entry)
			listener_make(sk, current_process(RUNG_RAW), TW_CLOSE, entry, rung);
	} else {
		step(sk, from, to, rung);
		return;
	}
	if (config.detail & TW_DETAIL_TRANSITIONS)
		birth_story(sk, from, to, rung);
}

static __always_inline int look(struct sock *sk, u8 from, u8 to, struct rung rung)
{
	first_look_begins(HANDLED_STEP); /* at once: what is skipped from here on sees it */
	if (sk_protocol(sk, rung) != IPPROTO_TCP)
		return 0;
	state_changed(sk, from, to, rung);
	first_look_ends(HANDLED_STEP, (u64)sk, to);
	return 0;
}

static __always_inline int look_again(struct sock *sk, u8 from, u8 to, struct rung rung)
{
	if (first_look_had_it((u64)sk, from, to) || sk_protocol(sk, rung) != IPPROTO_TCP)
		return 0;
	count_caught();
	state_changed(sk, from, to, rung);
	return 0;
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp_btf, struct sock *sk, int from, int to)
{
	return look(sk, from, to, RUNG_MODERN);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp_btf_again, struct sock *sk, int from, int to)
{
	return look_again(sk, from, to, RUNG_MODERN);
}

/*
 * Kernels without compare-and-swap: the same with the hash map alone. They are older than the
 * skipping, and need no second look.
 */
SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(state_tp_btf_old, struct sock *sk, int from, int to)
{
	return look(sk, from, to, RUNG_OLD);
}

SEC("?raw_tp/inet_sock_set_state")
int BPF_PROG(state_raw_tp, struct sock *sk, int from, int to)
{
	return look(sk, from, to, RUNG_RAW);
}

SEC("?raw_tp/inet_sock_set_state")
int BPF_PROG(state_raw_tp_again, struct sock *sk, int from, int to)
{
	return look_again(sk, from, to, RUNG_RAW);
}

/* The classic tracepoint's layout (sock:inet_sock_set_state); it needs tracefs to attach. */
struct state_event {
	u64 common;
	struct sock *sk;
	int from;
	int to;
};

SEC("?tp/sock/inet_sock_set_state")
int state_tp(struct state_event *event)
{
	return look(event->sk, event->from, event->to, RUNG_RAW);
}

char _license[] SEC("license") = "GPL";
