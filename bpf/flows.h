/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flows: one set of counters for each (worker, role, peer). A slot is looked up when a socket
 * begins and remembered in its entry, so that later steps touch an array, not a hash map.
 */
#ifndef TCPWATCH_FLOWS_H
#define TCPWATCH_FLOWS_H

#include "facts.h"
#include "maps.h"

/* [from][to] -> its number + 1; 0: a step that Linux was never seen to make. */
static const u8 step_numbers[16][16] = {TW_STEPS(TW_STEP_CASE)};

static __always_inline struct tw_flow *flow_at(u32 slot)
{
	return bpf_map_lookup_elem(&flows, &slot);
}

static __always_inline void count(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* This CPU's lane of a flow. */
static __always_inline struct tw_flow_counts *counts_of(u32 slot)
{
	u32 lane = bpf_get_smp_processor_id() & config.lane_mask;
	u32 index = slot * (config.lane_mask + 1) + lane;

	return bpf_map_lookup_elem(&flow_counts, &index);
}

static __always_inline void count_step(u32 slot, u8 from, u8 to)
{
	u32 number = step_numbers[from & 15][to & 15];
	struct tw_flow_counts *counts = counts_of(slot);

	number = number ? number - 1 : TW_STEP_OTHER;
	if (counts && number < TW_STEP_COUNT)
		count(&counts->steps[number]);
}

static __always_inline void count_attempt(u32 slot)
{
	struct tw_flow_counts *counts = counts_of(slot);

	if (counts)
		count(&counts->attempts);
}

static __always_inline void count_accept(u32 slot)
{
	struct tw_flow_counts *counts = counts_of(slot);

	if (counts)
		count(&counts->accepts);
}

static __always_inline void count_time(struct tw_flow *flow, u32 timing, u64 nanoseconds)
{
	u32 bucket = tw_bucket_of(nanoseconds);

	if (bucket >= TW_BUCKETS)
		return;
	__sync_fetch_and_add(&flow->histogram[timing][bucket], 1);
	__sync_fetch_and_add(&flow->sum_ns[timing], nanoseconds);
}

static __always_inline u32 reason_of(int error)
{
	switch (error) {
	case 99: return TW_REASON_EADDRNOTAVAIL;
	case 110: return TW_REASON_ETIMEDOUT;
	case 111: return TW_REASON_ECONNREFUSED;
	case 113: return TW_REASON_EHOSTUNREACH;
	case 101: return TW_REASON_ENETUNREACH;
	case 104: return TW_REASON_ECONNRESET;
	case 1: return TW_REASON_EPERM;
	case 13: return TW_REASON_EACCES;
	case 22: return TW_REASON_EINVAL;
	case 105: return TW_REASON_ENOBUFS;
	case 98: return TW_REASON_EADDRINUSE;
	}
	return TW_REASON_OTHER;
}

/* Slot 0 takes what finds no room; counted, so that the fold shows. */
static __always_inline u32 fold(void)
{
	u32 zero = 0;
	struct tw_lost *losses = bpf_map_lookup_elem(&lost, &zero);

	if (losses)
		count(&losses->folded);
	return 0;
}

/* Once per worker and peer: takes a free slot. Two CPUs may try at once; one gives its back. */
static __always_inline u32 flow_make(struct tw_flow_key *key, struct who who)
{
	struct tw_flow *flow;
	u32 slot, *winner;

	if (bpf_map_pop_elem(&free_flows, &slot))
		return fold();
	flow = flow_at(slot);
	if (!flow)
		return fold();
	flow->key = *key;
	name_of(flow->comm, who);
	if (bpf_map_update_elem(&flow_index, key, &slot, BPF_NOEXIST) == 0)
		return slot;
	bpf_map_push_elem(&free_flows, &slot, BPF_ANY);
	winner = bpf_map_lookup_elem(&flow_index, key);
	return winner ? *winner : fold();
}

/* The rest of the key is filled in; the worker is `who`. */
static __always_inline u32 flow_of(struct tw_flow_key *key, struct who who)
{
	u32 *slot;

	key->worker = who.worker;
	slot = bpf_map_lookup_elem(&flow_index, key);
	return slot ? *slot : flow_make(key, who);
}

#endif
