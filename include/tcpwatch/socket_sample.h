/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * A look through the socket table beside the tracer, as bpf/sample.bpf.c tells it to
 * userspace/kernel: what is added up by flow, by leak, by source address. No records: it belongs to
 * one build and is in no capture. Ages are in jiffies (bpf_jiffies64); ports are in host order.
 */
#ifndef TCPWATCH_SOCKET_SAMPLE_H
#define TCPWATCH_SOCKET_SAMPLE_H

#include <linux/types.h>

#include "tcpwatch/abi.h"

/* By flow slot. */
struct tw_flow_sample {
	__u32 active;
	__u32 idle;
	__u32 waiting;       /* outbound, has sent and never received */
	__u32 waiting_since; /* of them, the longest: since data was last sent */
	__u32 time_waits;
	__u32 fin_waits;
	__u32 slow;       /* inbound, as in struct tw_inbound */
	__u32 slow_since; /* of them, the longest: since data was last sent */
	__u32 arrived;    /* inbound, not over loopback */
	__u32 cpu;        /* of most of them, by majority vote */
	__u32 votes; /* for it, less those against: at least half of (arrived + votes) are on it */
	__u32 zero;
};

/* Sockets of a flow in CLOSE_WAIT, by flow slot. */
struct tw_leak_sample {
	__u32 sockets;
	__u32 dated; /* of them, the peer's FIN was seen */
	__u32 oldest;
	__u32 oldest_dated;
	struct tw_endpoint oldest_peer;
	__u32 ages[TW_BUCKETS]; /* as in struct tw_close_waits */
};

struct tw_port_key {
	struct tw_endpoint destination;
	__u8 source[16]; /* each local address has source ports of its own */
};

struct tw_port_sample {
	__u32 in_range; /* their local port is one that connect() may choose */
	__u32 reusable; /* TIME_WAIT older than a second, where tcp_tw_reuse is on */
	__u32 time_waits;
	__u32 zero;
};

/* The settings of a network namespace that matter; told by user space. */
struct tw_port_range {
	__u32 low;
	__u32 high;
	__u32 reuse;
	__u32 zero;
};

struct tw_sample_run {
	__u64 tick_ns; /* of a jiffy; set before a run, like the next two */
	__u32 idle;    /* jiffies without data that make a connection idle */
	__u32 second;  /* in jiffies */
	__u32 buckets; /* of the table of connections */
	__u32 slow;    /* jiffies without an answer that make a client slow */
	__u64 jiffies;
	__u64 sockets;
	__u32 time_waits;
	__u32 strangers; /* of them, without a known maker */
	__u32 fin_waits;
	__u32 folded; /* sockets for which a table had no room */
};

#endif
