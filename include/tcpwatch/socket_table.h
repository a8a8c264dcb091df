/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The socket table at one moment, as bpf/socket_table.bpf.c tells it to userspace/kernel: what is
 * asked, what is counted, a row per socket, a row per holder. No records: it belongs to one build
 * and is in no capture. Ages are in jiffies (bpf_jiffies64); ports are in host order.
 */
#ifndef TCPWATCH_SOCKET_TABLE_H
#define TCPWATCH_SOCKET_TABLE_H

#include <linux/types.h>

#include "tcpwatch/abi.h"

enum tw_table_by {
	TW_BY_STATE = 0,
	TW_BY_PROCESS = 1,
	TW_BY_LISTENER = 2,
	TW_BY_DESTINATION = 3,
	TW_BY_SOCKET = 4, /* no counts: rows */
};

#define TW_TABLE_STATES 16 /* a power of two: the verifier follows a mask */

/* Constant for a loaded program. */
struct tw_table_query {
	__u32 by;
	__u32 states; /* bit 1 << enum tw_state */
	__u32 port;   /* local or remote; 0: any */
	__u32 netns;  /* for the sweep over files, which sees all namespaces; 0: any */
	__u32 pids;   /* 1: only processes in wanted_pids */
	__u32 owners; /* the sweep over files ran before: socket_holders tells who holds a socket */
	__u32 held;   /* only sockets in socket_holders: those of the processes asked for */
	__u32 zero;
	__u64 idle;            /* jiffies without data that make a connection idle */
	__u64 socket_file_ops; /* 5.10: what tells a socket from other files */
	char comm[TW_COMM];    /* only processes of this name; empty: any */
};

/* BY_PROCESS: worker. BY_LISTENER: end. BY_DESTINATION: all; worker 0 for TIME_WAIT and orphans. */
struct tw_table_key {
	tw_worker worker;
	struct tw_endpoint end; /* the listening address, or the destination */
	__u8 source[16];        /* the local address: each has source ports of its own */
};

struct tw_table_count {
	__u32 states[TW_TABLE_STATES];
	__u32 in_range;      /* their local port is one that connect() may choose */
	__u32 reusable;      /* TIME_WAIT older than a second: tcp_tw_reuse may take it again */
	__u32 idle;          /* ESTABLISHED without data either way for query.idle */
	__u32 waiting;       /* outbound, has sent and never received */
	__u32 waiting_since; /* of them, the longest: since data was last sent */
	__u32 leaked_since;  /* the oldest CLOSE_WAIT: since the peer last said anything */
	struct tw_endpoint leaked_to; /* its peer */
	char comm[TW_COMM];
};

/* One socket. */
struct tw_table_socket {
	__u64 sk; /* identity only */
	struct tw_endpoint local;
	struct tw_endpoint remote;
	__u32 state;
	__u32 in_queue;  /* bytes not read; LISTEN: accept queue now */
	__u32 out_queue; /* bytes not acknowledged; LISTEN: accept queue's limit */
	__u32 half_open; /* LISTEN */
	__u32 drops;     /* LISTEN */
	__u32 rtt_us;    /* smoothed; 0: none yet */
	__u32 retransmits;
	__u32 uid;
	__u32 since_received; /* TW_UNKNOWN where a socket has none */
	__u32 since_sent;
	__u32 since_heard;  /* since the peer's last segment */
	__u32 timer;        /* TIME_WAIT, FIN_WAIT2 without owner: until it goes */
	__u64 reuseport;    /* identity of the SO_REUSEPORT group, 0: none */
	__u32 without_file; /* waits in an accept queue, or nobody's any more */
	__u32 dead;         /* nobody's any more */
};

/* One process that holds a socket: of two descriptors for the same one only the first. */
struct tw_table_holder {
	__u64 sk;
	tw_worker worker;
	char comm[TW_COMM];
};

/* What a run told besides, and what it is told for the namespace at hand. */
struct tw_table_run {
	__u32 port_low; /* set before a run */
	__u32 port_high;
	__u32 minute;         /* in jiffies */
	__u32 listeners_done; /* the iterator has come to connections */
	__u32 buckets;        /* of the table of connections */
	__u32 zero;
	__u64 jiffies; /* at the last socket */
	__u64 sockets; /* that passed the query */
	__u64 files;   /* open files looked at */
	__u64 give_up; /* set by user space: look at no more files than this */
	__u64 lost;    /* holders for which there was no room */
	__u32 states[TW_TABLE_STATES];
	__u32 without_file[TW_TABLE_STATES]; /* of them: nobody's, or not accepted yet */
	__u32 in_queue[TW_TABLE_STATES];     /* of them: not accepted yet */
	__u32 owned[TW_TABLE_STATES];        /* held by at least one process (sweep over files) */
	__u32 folded[TW_TABLE_STATES];       /* no room for a row of their own */
};

#endif
