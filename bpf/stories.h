/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way of a story into the ring buffer: no wake-up per event (the reader drains on a timer),
 * one only when the buffer is half full; what finds no room is counted by kind.
 */
#ifndef TCPWATCH_STORIES_H
#define TCPWATCH_STORIES_H

#include "flows.h"

static __always_inline void count_lost(u32 kind)
{
	u32 zero = 0;
	struct tw_lost *losses = bpf_map_lookup_elem(&lost, &zero);

	if (losses && kind < TW_KIND_LIMIT - 1)
		count(&losses->by_kind[kind]);
}

static __always_inline void count_untold(void)
{
	u32 zero = 0;
	struct tw_lost *losses = bpf_map_lookup_elem(&lost, &zero);

	if (losses)
		count(&losses->untold);
}

/*
 * Whether this CPU may tell one more end in this span of time: the cost of stories that nobody
 * needs for a count has a bound, whatever the rate of connections is.
 */
static __always_inline bool may_tell_end(void)
{
	u32 zero = 0;
	u64 span = bpf_jiffies64() / TW_TELLING_SPAN;
	struct tw_telling *here;

	if (!config.closes_a_span)
		return true;
	here = bpf_map_lookup_elem(&telling, &zero);
	if (!here)
		return true;
	if (here->span != span) {
		here->span = span;
		here->told = 0;
	}
	if (here->told < config.closes_a_span) {
		here->told++;
		return true;
	}
	count_untold();
	return false;
}

static __always_inline void *story_begin(u32 kind, u32 size, u64 now)
{
	struct tw_header *header = bpf_ringbuf_reserve(&stories, size, 0);

	if (!header) {
		count_lost(kind);
		return NULL;
	}
	header->size = size;
	header->kind = kind;
	header->zero = 0;
	header->time = now;
	return header;
}

/*
 * A wake-up is an interrupt, and a busy machine lets the reader wait for its turn while thousands of
 * stories come: not each of them above the mark calls, only those within 4 KiB of an eighth of the
 * buffer. So many bytes, since others may reserve between our own reserving and our looking here.
 */
static __always_inline bool is_to_wake(u64 waiting)
{
	u64 beyond = (config.ring_bytes / 8 - 1) & ~4095ULL;

	return waiting > config.ring_bytes / 2 && !(waiting & beyond);
}

static __always_inline void story_end(void *story)
{
	u64 waiting = bpf_ringbuf_query(&stories, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(story, is_to_wake(waiting) ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#define STORY(type, kind, now) ((struct type *)story_begin(kind, sizeof(struct type), now))

/* Who and towards what, as the flow knows it. */
static __always_inline void story_owner(tw_worker *worker, char *comm, const struct tw_flow *flow)
{
	*worker = flow->key.worker;
	__builtin_memcpy(comm, flow->comm, TW_COMM);
}

#endif
