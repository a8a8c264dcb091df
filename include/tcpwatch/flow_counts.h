/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The counters of a flow that nearly every step touches. In the kernel each CPU has a lane of its
 * own: both ends of a connection, and the interrupts that serve them, run on several CPUs, and a
 * cache line that two of them write costs each more than the rest of a step. User space adds the
 * lanes up. More CPUs than lanes share them, which is slower and as exact.
 */
#ifndef TCPWATCH_FLOW_COUNTS_H
#define TCPWATCH_FLOW_COUNTS_H

#include "tcpwatch/transitions.h"

#define TW_LANES_MAX 8

struct tw_flow_counts {
	__u64 steps[TW_STEP_COUNT];
	__u64 attempts; /* as in struct tw_flow */
	__u64 accepts;
	__u64 zero[2];
}; /* whole cache lines */

#endif
