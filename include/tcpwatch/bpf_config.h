/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the loader decides and the programs read as constants (the verifier drops dead branches). */
#ifndef TCPWATCH_BPF_CONFIG_H
#define TCPWATCH_BPF_CONFIG_H

#include <linux/types.h>

/* Which stories are told. */
#define TW_DETAIL_FAILURES 1    /* failed connects, drops */
#define TW_DETAIL_OUTCOMES 2    /* connects that succeeded */
#define TW_DETAIL_CLOSES 4      /* one record per ended connection */
#define TW_DETAIL_TRANSITIONS 8 /* every state change */

#define TW_TELLING_SPAN 64 /* jiffies, a power of two */

struct tw_config {
	__u32 detail;
	__u32 bucket_mask;   /* buckets - 1 */
	__u32 maker_mask;    /* buckets of TIME_WAIT makers - 1 */
	__u32 lane_mask;     /* lanes of a flow's counters - 1 */
	__u32 closes_a_span; /* ends that each CPU tells in so many jiffies; 0: all */
	__u32 zero;
	__u64 ring_bytes;      /* of stories */
	__u64 socket_file_ops; /* the kernel's, where the helper that knows sockets is missing */
};

#endif
