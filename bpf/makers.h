/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who made a TIME_WAIT: the kernel keeps no owner with it, so that the flow of the socket it comes
 * from is noted when that closes. Known by the kernel's own hash of the connection, which the
 * TIME_WAIT inherits, and the local port: two stores for each TIME_WAIT, none for its end. A bucket
 * keeps the last seven; what fell out of a full one, or is older than tcpwatch, has no maker.
 *
 * Buckets are taken by the low bits of the hash, like the kernel's: who walks through the table of
 * connections comes to them one after another.
 */
#ifndef TCPWATCH_MAKERS_H
#define TCPWATCH_MAKERS_H

#include "facts.h"
#include "maps.h"

static __always_inline struct tw_maker_bucket *makers_of(u32 hash)
{
	u32 bucket = hash & config.maker_mask;

	return bpf_map_lookup_elem(&makers, &bucket);
}

/* Where to note it: a port used again means that the older TIME_WAIT is gone. */
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

/* Two CPUs may take the same way at once: then one of the two has no maker. */
static __always_inline void note_maker(u32 hash, u16 port, u32 flow)
{
	struct tw_maker_bucket *bucket = makers_of(hash);
	struct tw_maker *maker;
	u32 way;

	if (!bucket)
		return;
	way = way_for(bucket, hash, port);
	bucket->next = way + 1;
	maker = &bucket->way[way];
	maker->flow = 0;
	maker->hash = hash;
	maker->port = port;
	maker->flow = flow > 0xffff ? 0 : flow;
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
