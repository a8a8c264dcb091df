/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * How many notes of a TIME_WAIT's maker each lane has taken (bpf/makers.h): the kernel's side
 * counts them, user space has them sorted before they are overwritten.
 */
#ifndef TCPWATCH_MAKER_NOTES_H
#define TCPWATCH_MAKER_NOTES_H

#include "tcpwatch/flow_counts.h"

#define TW_NOTES 16384      /* of a lane; a power of two */
#define TW_NOTES_SORTED 256 /* by one run, at most */

/* A cache line for each lane. */
struct tw_notes_taken {
	__u64 count;
} __attribute__((aligned(64)));

#endif
