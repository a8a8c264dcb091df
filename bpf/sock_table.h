/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets we follow, by the address of their struct sock.
 *
 * Two stores behind one face. Buckets of eight: key and entry share a cache line, which a step
 * mostly finds at the first place; a place is taken by compare-and-swap and given back by a store,
 * which costs about a fifth of a hash map's insert and delete. Spill: an ordinary hash map, for what
 * found its bucket full, for sockets found by an iterator, and for all of them on kernels without
 * compare-and-swap (5.10).
 *
 * Steps of one socket are serialised by the kernel (it is locked, or not yet visible), so that
 * only the taking of a slot can race.
 */
#ifndef TCPWATCH_SOCK_TABLE_H
#define TCPWATCH_SOCK_TABLE_H

#include "flows.h"

/* A typed pointer may not be calculated with; a 32-bit move makes a number of it. */
static __always_inline u32 number_of(u64 key)
{
	u32 address;

	asm volatile("%0 = %1" : "=w"(address) : "w"((u32)key));
	return address;
}

/*
 * Neighbours in memory stay neighbours here: sockets come from slabs, and a busy server uses the same
 * few again and again. 8 KB of addresses (three or four sockets) make a bucket, 128 KB of them the
 * sixteen buckets of a page; only pages are scattered. Scattered buckets cost 30 ns more for each
 * step, in misses of the TLB (scripts/bench, 6.18 in a VM).
 */
static __always_inline u32 bucket_of(u64 key)
{
	u32 address = number_of(key), page;

	page = (address >> 17) * 0x9e3779b1u >> 13;
	return ((page & ~15u) | (address >> 13 & 15)) & config.bucket_mask;
}

/*
 * Where a bucket's search begins: the sockets of 8 KB are 2 KB and more apart, so that each has a
 * cache line (two places) to itself. The two ends of a connection on this host often are neighbours
 * that two CPUs serve: with the lines where maps.h puts them, it saves 20 ns of each step.
 */
static __always_inline u32 first_way_of(u64 key)
{
	return number_of(key) >> 11 << 1;
}

static __always_inline struct tw_sock *entry_at(struct tw_bucket *bucket, u32 way)
{
	barrier_var(way); /* keeps the compiler from indexing before the test */
	return &bucket->sock[way & (TW_WAYS - 1)];
}

static __always_inline struct tw_sock *find_in(struct tw_bucket *bucket, u64 key)
{
	u32 first = first_way_of(key);

#pragma unroll
	for (int i = 0; i < TW_WAYS; i++) {
		struct tw_sock *entry = entry_at(bucket, first + i);

		if (entry->key == key)
			return entry;
	}
	return NULL;
}

static __always_inline struct tw_bucket *bucket_for(u64 key)
{
	u32 bucket = bucket_of(key);

	return bpf_map_lookup_elem(&buckets, &bucket);
}

static __always_inline struct tw_sock *sock_find(u64 key)
{
	struct tw_bucket *bucket = bucket_for(key);
	struct tw_sock *entry = bucket ? find_in(bucket, key) : NULL;

	return entry ? entry : bpf_map_lookup_elem(&spilled_socks, &key);
}

static __always_inline void count_untracked(void)
{
	u32 zero = 0;
	struct tw_lost *losses = bpf_map_lookup_elem(&lost, &zero);

	if (losses)
		__sync_fetch_and_add(&losses->untracked, 1);
}

static __always_inline struct tw_sock *sock_spill(u64 key)
{
	struct tw_sock fresh = {.key = key};

	if (bpf_map_update_elem(&spilled_socks, &key, &fresh, BPF_ANY)) {
		count_untracked();
		return NULL;
	}
	return bpf_map_lookup_elem(&spilled_socks, &key);
}

/* All but the key. */
static __always_inline struct tw_sock *sock_clear(struct tw_sock *entry)
{
	entry->since_ns = 0;
	entry->kernel_ns = 0;
	entry->flow = 0;
	entry->listener = 0;
	entry->role = entry->state = entry->flags = entry->zero = 0;
	return entry;
}

/* Left behind by an earlier owner of the address: its last step was missed (second_look.h). */
static __always_inline struct tw_sock *sock_reuse(struct tw_sock *entry)
{
	if (entry->state != TW_CLOSE)
		count_step(entry->flow, entry->state, TW_OUTSIDE);
	return sock_clear(entry);
}

#define BIT(state) (1u << TW_##state)
#define AFTER_ESTABLISHED                                                                          \
	(BIT(FIN_WAIT1) | BIT(FIN_WAIT2) | BIT(CLOSING) | BIT(CLOSE_WAIT) | BIT(LAST_ACK))

/*
 * What may lie between a connection's state and its close. In 64 bytes: smaller tables come into a
 * section of constants, of which bpftool 7.1 makes BTF that kernels refuse.
 */
static const u32 still_ahead[16] = {
	[TW_SYN_SENT] = BIT(SYN_RECV) | BIT(ESTABLISHED) | AFTER_ESTABLISHED,
	[TW_SYN_RECV] = BIT(ESTABLISHED) | AFTER_ESTABLISHED,
	[TW_ESTABLISHED] = AFTER_ESTABLISHED,
	[TW_FIN_WAIT1] = BIT(FIN_WAIT2) | BIT(CLOSING),
	[TW_CLOSE_WAIT] = BIT(LAST_ACK),
};

/*
 * Whether a step out of `from` is one of the entry's socket. It is behind if steps of it were
 * missed; where it cannot have come from, it is an earlier socket's, and the new one's birth was
 * missed too: nobody is given credit for what another did.
 */
static __always_inline bool sock_comes_to(const struct tw_sock *entry, u8 from)
{
	return entry->state == from || still_ahead[entry->state & 15] >> from & 1;
}

/* An entry for a socket that begins its life. */
static __always_inline struct tw_sock *sock_insert(u64 key, struct rung rung)
{
	struct tw_bucket *bucket = bucket_for(key);
	struct tw_sock *entry;

	if (!bucket)
		return NULL;
	if (rung.atomics) {
		entry = find_in(bucket, key);
		if (entry)
			return sock_reuse(entry);
#pragma unroll
		for (int i = 0; i < TW_WAYS; i++) {
			entry = entry_at(bucket, first_way_of(key) + i);
			if (!entry->key && __sync_val_compare_and_swap(&entry->key, 0, key) == 0)
				return sock_clear(entry);
		}
	}
	return sock_spill(key);
}

static __always_inline void sock_remove(u64 key)
{
	struct tw_bucket *bucket = bucket_for(key);
	struct tw_sock *entry = bucket ? find_in(bucket, key) : NULL;

	if (entry)
		entry->key = 0;
	else
		bpf_map_delete_elem(&spilled_socks, &key);
}

#endif
