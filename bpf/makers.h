/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who made a TIME_WAIT: the kernel keeps no owner with it, so that the flow of the socket it comes
 * from is noted when that closes. Known by the kernel's own hash of the connection, which the
 * TIME_WAIT inherits, and the local port.
 *
 * In two steps, since the right place in a table of them all is far from every cache, and a
 * connection's end would wait for it: the step's program writes one note behind the other, and
 * before somebody looks (and before a lane is full) makers.bpf.c sorts them into the table, where
 * waiting for one place goes on beside waiting for the next. A bucket keeps the last seven; what fell
 * out of a full one, or is older than tcpwatch, has no maker.
 *
 * Buckets are taken by the low bits of the hash, like the kernel's: who walks through the table of
 * connections comes to them one after another.
 */
#ifndef TCPWATCH_MAKERS_H
#define TCPWATCH_MAKERS_H

#include "facts.h"
#include "maps.h"

/* Two at once on a kernel without atomics may take the same place: then one of them has no maker. */
static __always_inline void note_maker(u32 hash, u16 port, u32 flow, struct rung rung)
{
	u32 lane = bpf_get_smp_processor_id() & config.lane_mask;
	struct tw_notes *notes = bpf_map_lookup_elem(&maker_notes, &lane);
	u64 *taken = &notes_taken[lane & (TW_LANES_MAX - 1)].count, at;

	if (!notes || flow > 0xffff)
		return;
	at = rung.atomics ? __sync_fetch_and_add(taken, 1) : (*taken)++;
	notes->note[at & (TW_NOTES - 1)] = hash | (u64)port << 32 | (u64)flow << 48;
}

static __always_inline struct tw_maker_bucket *makers_of(u32 hash)
{
	u32 bucket = hash & config.maker_mask;

	return bpf_map_lookup_elem(&makers, &bucket);
}

/* Where to keep it: a port used again means that the older TIME_WAIT is gone. */
static __always_inline u32 way_for(struct tw_maker_bucket *bucket, u32 hash, u16 port)
{
	u32 way = bucket->next;

#pragma unroll
	for (u32 i = 0; i < TW_MAKERS; i++)
		if (bucket->way[i].hash == hash && bucket->way[i].port == port)
			way = i;
	barrier_var(way);
	return way < TW_MAKERS ? way : 0;
}

static __always_inline void keep_maker(u32 hash, u16 port, u16 flow)
{
	struct tw_maker_bucket *bucket = makers_of(hash);
	struct tw_maker *maker;
	u32 way;

	if (!bucket)
		return;
	way = way_for(bucket, hash, port);
	bucket->next = way + 1;
	maker = &bucket->way[way];
	maker->hash = hash;
	maker->port = port;
	maker->flow = flow;
}

/* The flow, 0: unknown. */
static __always_inline u32 maker_of(u32 hash, u16 port)
{
	struct tw_maker_bucket *bucket = makers_of(hash);

	if (!bucket)
		return 0;
#pragma unroll
	for (u32 i = 0; i < TW_MAKERS; i++)
		if (bucket->way[i].hash == hash && bucket->way[i].port == port)
			return bucket->way[i].flow;
	return 0;
}

#endif
