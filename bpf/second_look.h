/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * No step may be lost to an interrupt. Since 6.1 (kernel commit 05b24ff9b2cf) the kernel skips a
 * program that already runs on this CPU. close(), connect() and listen() step with softirqs
 * enabled: a packet that lands inside our program makes steps of other sockets, and we are not
 * called. So a second program comes behind the first on the tracepoint. It is called for those steps
 * too, and handles what the first did not. It costs as much as an empty program for each step, and
 * most machines never need it: user space attaches it when the kernel tells that a run was skipped
 * (userspace/kernel/hook_report.h).
 *
 * How it knows: the first leaves the step per CPU when it is done, and clears it when it begins. That
 * answers all but one step in thousands for the price of a comparison. Where it does not match (an
 * interrupt came in between), the socket's entry tells: a handled step has left the entry in the
 * state that it leads to. Steps of one socket never overlap, so this cannot err.
 */
#ifndef TCPWATCH_SECOND_LOOK_H
#define TCPWATCH_SECOND_LOOK_H

#include "sock_table.h"

/* What is left per CPU: a step by the state programs, a packet by those of the drops. */
#define HANDLED_STEP 0
#define HANDLED_PACKET 1

static __always_inline struct tw_handled *handled_here(u32 what)
{
	return bpf_map_lookup_elem(&handled, &what);
}

/*
 * By the first look: nothing to tell as long as nobody asks. Each looks its place up anew: were a
 * pointer kept between them, the verifier would walk all that lies between for it and without.
 */
static __always_inline void tell_here(u32 what, u64 address, u8 state)
{
	struct tw_handled *here = looking_again ? handled_here(what) : NULL;

	if (here) {
		*(volatile u64 *)&here->address = address;
		*(volatile u64 *)&here->state = state;
	}
}

static __always_inline void first_look_begins(u32 what)
{
	tell_here(what, 0, 0);
}

static __always_inline void first_look_ends(u32 what, u64 address, u8 state)
{
	tell_here(what, address, state);
}

/*
 * Asked once: what it finds is used up, whatever it is. What an interrupted second look left unread
 * may be found by a later one, if an interrupt kept the first look from that step: with the state it
 * cannot speak for the same socket's next step, which nobody has handled.
 */
static __always_inline bool was_handled_here(struct tw_handled *here, u64 address, u8 state)
{
	u64 found, its_state;

	if (!here)
		return false;
	found = *(volatile u64 *)&here->address;
	its_state = *(volatile u64 *)&here->state;
	*(volatile u64 *)&here->address = 0;
	return found == address && its_state == state;
}

static __always_inline bool is_birth(u8 from, u8 to)
{
	return to == TW_SYN_SENT || to == TW_LISTEN || (to == TW_SYN_RECV && from == TW_LISTEN);
}

/* A step without an entry that is no birth belongs to nobody: the last one, or a stranger's. */
static __always_inline bool shows_in_table(u64 sk, u8 from, u8 to)
{
	struct tw_sock *entry = sock_find(sk);

	return entry ? entry->state == to : !is_birth(from, to);
}

static __always_inline bool first_look_had_it(u64 sk, u8 from, u8 to)
{
	return was_handled_here(handled_here(HANDLED_STEP), sk, to) || shows_in_table(sk, from, to);
}

static __always_inline void count_caught(void)
{
	u32 zero = 0;
	struct tw_lost *losses = bpf_map_lookup_elem(&lost, &zero);

	if (losses)
		__sync_fetch_and_add(&losses->caught, 1);
}

#endif
