// SPDX-License-Identifier: GPL-2.0-only
/*
 * Drops of a full accept queue, by listener and stage, and the reading of all listeners.
 *
 * The kernel's own test at function entry (queue longer than its limit) equals its verdict in
 * every run of the kernel matrix, so that no return probe is needed.
 */
#include "listening.h"
#include "second_look.h"
#include "stories.h"
#include <bpf/bpf_tracing.h>

#define STORY_PERIOD_NS 10000000

/* At most one story per listener and period, with totals: a flood must not become a flood of ours. */
static __always_inline void drop_story(struct tw_listener *listener)
{
	u64 now = bpf_ktime_get_ns();
	struct tw_drops *story;

	if (!(config.detail & TW_DETAIL_FAILURES) ||
	    now - listener->last_story_ns < STORY_PERIOD_NS)
		return;
	listener->last_story_ns = now;
	story = STORY(tw_drops, TW_KIND_DROPS, now);
	if (!story)
		return;
	story->listener = listener->address;
	story->owner = listener->owner;
	story->overflows_syn = listener->overflows_syn;
	story->overflows_ack = listener->overflows_ack;
	story->queue_now = listener->queue_now;
	story->queue_limit = listener->queue_limit;
	__builtin_memcpy(story->comm, listener->comm, TW_COMM);
	story_end(story);
}

enum drop_stage { DROPPED_SYN, DROPPED_ACK };

static __always_inline void dropped(struct sock *listening, enum drop_stage stage, u32 length)
{
	struct tw_sock *entry = sock_find((u64)listening);
	struct tw_listener *listener;

	if (!entry || entry->role != TW_ROLE_LISTEN)
		return;
	listener = listener_at(entry->listener);
	if (!listener)
		return;
	count(stage == DROPPED_SYN ? &listener->overflows_syn : &listener->overflows_ack);
	listener->queue_now = length;
	drop_story(listener);
}

static __always_inline int arriving(struct sock *listening, enum drop_stage stage, struct rung rung)
{
	u32 length = sk_accept_queue(listening, rung);

	if (length > sk_accept_queue_limit(listening, rung))
		dropped(listening, stage, length);
	return 0;
}

SEC("?fentry/tcp_conn_request")
int BPF_PROG(syn_fentry, void *rsk_ops, void *af_ops, struct sock *sk)
{
	return arriving(sk, DROPPED_SYN, RUNG_OLD);
}

SEC("?kprobe/tcp_conn_request")
int BPF_KPROBE(syn_kprobe, void *rsk_ops, void *af_ops, struct sock *sk)
{
	return arriving(sk, DROPPED_SYN, RUNG_RAW);
}

/* For IPv4 peers of a dual-stack listener the v6 function calls the v4 one: the v6 hook counts. */
SEC("?fentry/tcp_v4_syn_recv_sock")
int BPF_PROG(ack4_fentry, struct sock *sk)
{
	return sk_family(sk, RUNG_OLD) == AF_INET ? arriving(sk, DROPPED_ACK, RUNG_OLD) : 0;
}

SEC("?fentry/tcp_v6_syn_recv_sock")
int BPF_PROG(ack6_fentry, struct sock *sk)
{
	return arriving(sk, DROPPED_ACK, RUNG_OLD);
}

SEC("?kprobe/tcp_v4_syn_recv_sock")
int BPF_KPROBE(ack4_kprobe, struct sock *sk)
{
	return sk_family(sk, RUNG_RAW) == AF_INET ? arriving(sk, DROPPED_ACK, RUNG_RAW) : 0;
}

SEC("?kprobe/tcp_v6_syn_recv_sock")
int BPF_KPROBE(ack6_kprobe, struct sock *sk)
{
	return arriving(sk, DROPPED_ACK, RUNG_RAW);
}

/*
 * Without function hooks: the freed packet names reason and listener (6.13 and later; where the
 * reason is missing the relocation fails and the program is refused, as it should be). Packets are
 * freed everywhere: an interrupt inside the first program drops unseen by it, hence the second.
 */
static __always_inline bool is_overflow(u32 reason, struct sock *listening)
{
	return reason == bpf_core_enum_value(enum skb_drop_reason,
					     SKB_DROP_REASON_TCP_LISTEN_OVERFLOW) &&
	       listening;
}

SEC("?tp_btf/kfree_skb")
int BPF_PROG(ack_kfree_skb, struct sk_buff *skb, void *location, u32 reason, struct sock *rx_sk)
{
	if (!is_overflow(reason, rx_sk))
		return 0;
	dropped(rx_sk, DROPPED_ACK, sk_accept_queue(rx_sk, RUNG_OLD));
	first_look_ends(HANDLED_PACKET, (u64)skb, 0);
	return 0;
}

SEC("?tp_btf/kfree_skb")
int BPF_PROG(ack_kfree_skb_again, struct sk_buff *skb, void *location, u32 reason,
	     struct sock *rx_sk)
{
	if (is_overflow(reason, rx_sk) &&
	    !was_handled_here(handled_here(HANDLED_PACKET), (u64)skb, 0))
		dropped(rx_sk, DROPPED_ACK, sk_accept_queue(rx_sk, RUNG_OLD));
	return 0;
}

/* ---- reading: run by user space (test run), once per interval, for a range of slots ---- */

#define SLOTS_PER_RUN 32

static __always_inline void read_listener(struct tw_listener *listener)
{
	struct sock *sk = (struct sock *)listener->sk;
	u32 queue = sk_accept_queue(sk, RUNG_RAW);
	u32 limit = sk_accept_queue_limit(sk, RUNG_RAW);
	u32 drops = sk_drops(sk, RUNG_RAW);
	int syn_queue = BPF_CORE_READ(as_tcp(sk), inet_conn.icsk_accept_queue.qlen.counter);
	u64 reuseport = (u64)BPF_CORE_READ(sk, sk_reuseport_cb);

	/* Still the socket that it was? listen() without bind() gets its port after the step. */
	if (sk_state(sk, RUNG_RAW) != TW_LISTEN || listener->closed)
		return;
	if (!listener->address.port)
		listener->address.port = sk_local_port(sk, RUNG_RAW);
	listener->queue_now = queue;
	listener->queue_limit = limit;
	listener->drops = drops;
	listener->syn_queue = syn_queue;
	listener->reuseport = reuseport;
}

SEC("?raw_tp/read_listeners")
int read_listeners(struct bpf_raw_tracepoint_args *context)
{
	u32 first = (u32)context->args[0];

	for (u32 i = 0; i < SLOTS_PER_RUN; i++) {
		struct tw_listener *listener = listener_at(first + i);

		if (listener && listener->sk && !listener->closed)
			read_listener(listener);
	}
	return 0;
}

char _license[] SEC("license") = "GPL";
