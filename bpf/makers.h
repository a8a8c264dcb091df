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

/* Two CPUs may take the same way at once: then one TIME_WAIT has no maker, or both are told apart. */
static __always_inline void note_maker(struct sock *sk, u32 flow, struct rung rung)
{
	u32 hash = sk_hash(sk, rung);
	u16 port = sk_source_port(sk);
	struct tw_maker_bucket *bucket = makers_of(hash);
	u32 way;

	if (!bucket)
		return;
	way = bucket->next;
	/* A port used again: the older TIME_WAIT is gone. */
#pragma unroll
	for (u32 i = 0; i < TW_MAKERS; i++)
		if (bucket->way[i].hash == hash && bucket->way[i].port == port)
			way = i;
	barrier_var(way);
	if (way >= TW_MAKERS)
		way = 0;
	bucket->next = way + 1;
	bucket->way[way].flow = 0;
	bucket->way[way].hash = hash;
	bucket->way[way].port = port;
	bucket->way[way].flow = flow > 0xffff ? 0 : flow;
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
