/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's table of connections, walked under RCU by a test run of a program. The iterator takes
 * a lock for each bucket and a reference for each socket: 220 ns a socket of a full table, most of
 * it spent waiting for memory; this takes half of that. A chain that changes meanwhile may be cut
 * short or left for another, as a reader of /proc/net/tcp may miss what moves; nothing is followed
 * but what the probe reads let us follow.
 *
 * The includer defines walked(): what is done with each socket.
 */
#ifndef TCPWATCH_WALK_H
#define TCPWATCH_WALK_H

#include "facts.h"

#define WALK_HEADS 64  /* of chains, read at once */
#define WALK_LINES 160 /* bytes of a socket: struct sock_common, and tw_substate behind it */

/*
 * Where the walk stands. Not on the stack: before 6.7 the verifier follows a callback once, so that
 * what it takes for a constant the first time round would cut off the rest as dead code.
 */
struct {
	__u64 buckets;
	__u64 node; /* odd: the end of a chain */
	__u64 net;  /* of the calling thread */
	__u32 at;
	__u32 end;
	__u64 heads[WALK_HEADS];
} walk;

/* A field of a socket whose first lines were read. */
#define LINE(type, record, field) (*(type *)(lines + bpf_core_field_offset(struct record, field)))

static __always_inline void walked(const char *lines, u64 sk);

static long walk_step(u32 step, void *nothing)
{
	char lines[WALK_LINES] __attribute__((aligned(8)));
	u64 sk;

	if (walk.node & 1) {
		u32 at = walk.at % WALK_HEADS;

		if (walk.at >= walk.end)
			return 1;
		if (!at && bpf_probe_read_kernel(walk.heads, sizeof(walk.heads),
						 (void *)(walk.buckets + walk.at * 8ULL)))
			return 1;
		walk.node = walk.heads[at];
		walk.at++;
		return 0;
	}
	sk = walk.node - bpf_core_field_offset(struct sock_common, skc_nulls_node.next);
	if (!walk.node || bpf_probe_read_kernel(lines, sizeof(lines), (void *)sk)) {
		walk.node = 1;
		return 0;
	}
	walk.node = LINE(u64, sock_common, skc_nulls_node.next);
	walked(lines, sk);
	return 0;
}

/* The table of the calling thread's namespace; false: it is not as we know it. */
static __always_inline bool walk_find(u32 *buckets)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);
	struct inet_hashinfo *table = BPF_CORE_READ(net, ipv4.tcp_death_row.hashinfo);

	*buckets = BPF_CORE_READ(table, ehash_mask) + 1;
	walk.net = (u64)net;
	walk.buckets = (u64)BPF_CORE_READ(table, ehash);
	return *buckets % WALK_HEADS == 0;
}

/* `count` buckets from `first` on, both multiples of WALK_HEADS. False: not to the end. */
static __always_inline bool walk_buckets(u32 first, u32 count, u32 buckets)
{
	walk.node = 1;
	walk.at = first;
	walk.end = first + count;
	if (walk.end > buckets)
		walk.end = buckets;
	bpf_loop(1 << 23, walk_step, NULL, 0);
	return walk.at >= walk.end && walk.node & 1;
}

#endif
