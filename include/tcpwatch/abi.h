/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The contract between kernel side and user side, and the layout of every record of the stream.
 *
 * Plain C, little-endian hosts, fixed widths, no implicit padding. Times are nanoseconds of
 * CLOCK_MONOTONIC, ports are in host order, IPv4 addresses are v4-mapped IPv6 addresses.
 * A change here is a change of TW_ABI_VERSION (checked by tests/unit/abi_test.cpp).
 */
#ifndef TCPWATCH_ABI_H
#define TCPWATCH_ABI_H

#include <linux/types.h>

#include "tcpwatch/histogram.h"
#include "tcpwatch/transitions.h"

#define TW_ABI_VERSION 6
#define TW_COMM 16

/* ---- words ------------------------------------------------------------------------------- */

enum tw_role {
	TW_ROLE_OUT = 1,    /* a worker's connections to one destination */
	TW_ROLE_IN = 2,     /* a worker's connections accepted from one listening address */
	TW_ROLE_QUEUE = 3,  /* nobody's yet: children of a listening address, before accept() */
	TW_ROLE_LISTEN = 4, /* listening sockets themselves */
	TW_ROLE_OTHER = 5,  /* folded: no room for a flow of its own */
	TW_ROLE_DESCRIPTORS = 6, /* no sockets: calls refused for want of a descriptor; no peer */
	TW_ROLES,
};

/* What `failures` counts where the role is TW_ROLE_DESCRIPTORS. */
enum tw_refusal {
	TW_REFUSED_ACCEPT_EMFILE = 0, /* the process is at its limit */
	TW_REFUSED_ACCEPT_ENFILE = 1, /* the machine is */
	TW_REFUSED_SOCKET_EMFILE = 2,
	TW_REFUSED_SOCKET_ENFILE = 3,
	TW_REFUSALS = 4,
};

/* What `failures` counts where the role is TW_ROLE_IN. */
enum tw_unserved {
	TW_TURNED_AWAY =
		0, /* closed by the worker within a second, unread; it said a short no, or nothing */
	TW_UNSERVED = 1,
};

/* Why a connect failed. The record also carries the errno itself. */
enum tw_reason {
	TW_REASON_NONE = 0,
	TW_REASON_EADDRNOTAVAIL,
	TW_REASON_ETIMEDOUT,
	TW_REASON_ECONNREFUSED,
	TW_REASON_EHOSTUNREACH,
	TW_REASON_ENETUNREACH,
	TW_REASON_ECONNRESET,
	TW_REASON_ABANDONED, /* closed by the program while the handshake was under way */
	TW_REASON_EPERM,
	TW_REASON_EACCES,
	TW_REASON_EINVAL,
	TW_REASON_ENOBUFS,
	TW_REASON_EADDRINUSE,
	TW_REASON_UNKNOWN, /* failed before the handshake; this kernel hides the errno */
	TW_REASON_OTHER,
	TW_REASONS = 16,
};

/* A process: pid << 32 | start time in USER_HZ ticks since boot (low 32 bits). 0 is nobody. */
typedef __u64 tw_worker;

struct tw_endpoint {
	__u8 address[16];
	__u16 port;
	__u16 zero;
	__u32 netns; /* inode number of the network namespace */
};

/* ---- what the kernel counts (map values; user space maps them and reads) ------------------- */

struct tw_flow_key {
	tw_worker worker;
	struct tw_endpoint
		peer; /* OUT: the destination; IN, QUEUE, LISTEN: the listening address */
	__u32 role;
	__u32 zero;
};

/* What a flow's histograms measure. */
enum tw_timing {
	TW_TIMING_CONNECT = 0, /* OUT: connect() to established */
	TW_TIMING_KERNEL = 1,  /* OUT: inside connect(), until a source port was found or not */
	TW_TIMING_FAILED = 2,  /* OUT: connect() to its failure */
	TW_TIMING_WAIT = 0,    /* IN: end of the handshake to accept() */
	TW_TIMINGS = 3,
};

/*
 * All counters of one worker towards one destination or listening address. They only grow. While the
 * kernel counts, attempts, steps and accepts are kept apart by CPU (flow_counts.h).
 */
struct tw_flow {
	struct tw_flow_key key;
	char comm[TW_COMM];
	__u64 attempts; /* OUT: connects begun, whatever their outcome */
	__u64 steps[TW_STEP_COUNT];
	__u64 accepts; /* IN */
	__u64 sum_ns[TW_TIMINGS];
	__u64 failures[TW_REASONS];
	__u32 histogram[TW_TIMINGS][TW_BUCKETS];
	__u64 zero[6];
};

/* One listening socket. */
struct tw_listener {
	__u64 sk; /* identity only; 0: slot not in use */
	struct tw_endpoint address;
	tw_worker owner; /* who called listen() */
	char comm[TW_COMM];
	__u32 flow_listen; /* flow slots */
	__u32 flow_queue;
	/* a cache line that handshakes write */
	__u64 children; /* handshakes that made a socket */
	__u64 aborted;  /* of them, gone before they were queued */
	__u64 overflows_syn;
	__u64 overflows_ack;
	__u64 last_story_ns; /* when drops were last told */
	__u32 queue_now;
	__u32 queue_peak; /* since the last read; the reader exchanges it with 0 */
	__u32 queue_limit;
	__u32 syn_queue;
	__u32 drops; /* the kernel's sk_drops: all drops of this listener, since it exists */
	__u32 closed;
	/* one that accept() writes */
	__u64 accepts;        /* seen by the accept hook */
	__u64 reuseport;      /* identity of the SO_REUSEPORT group, 0: none */
	__u32 queue_at_start; /* length when tcpwatch first saw the listener */
	__u32 drops_at_start;
	__u64 zero[5];
};

/* ---- the stream ---------------------------------------------------------------------------- */

enum tw_kind {
	/* from the ring buffer: stories; may be lost, loss is counted */
	TW_KIND_CONNECT = 1,
	TW_KIND_CLOSED = 2,
	TW_KIND_DROPS = 3,
	TW_KIND_STEP = 4,
	/* from user space: cumulative counters and facts */
	TW_KIND_HOST = 16,
	TW_KIND_HOOK = 17,
	TW_KIND_FLOW = 18,
	TW_KIND_FLOW_GONE = 19,
	TW_KIND_LISTENER = 20,
	TW_KIND_LISTENER_GONE = 21,
	TW_KIND_NETNS = 22,
	TW_KIND_PROCESS = 23,
	TW_KIND_LOSS = 24,
	TW_KIND_TICK = 25,
	TW_KIND_SELF = 26,
	TW_KIND_SAMPLE =
		27, /* replaces the sample before; its parts follow, before the next tick */
	TW_KIND_SOCKETS = 28,
	TW_KIND_CLOSE_WAITS = 29,
	TW_KIND_PORTS = 30,
	TW_KIND_INBOUND = 31,
	TW_KIND_CONNTRACK = 32,
	TW_KIND_NGINX = 33,
	TW_KIND_ACTIVITY = 34,
	TW_KIND_STEERING = 35,
	TW_KIND_LIMIT = 64, /* all kinds are below */
};

struct tw_header {
	__u32 size; /* of the whole record, a multiple of 8 */
	__u16 kind;
	__u16 zero;
	__u64 time;
};

/* A connect() had its outcome. */
struct tw_connect {
	struct tw_header header;
	tw_worker worker;
	struct tw_endpoint local;
	struct tw_endpoint remote;
	__u64 duration_ns; /* from connect() to here */
	__u64 kernel_ns;   /* the port search; 0: not measured */
	__u32 reason;      /* enum tw_reason, NONE: established */
	__u32 error;       /* the errno, 0 where there was none */
	char comm[TW_COMM];
};

/* A connection ended. */
struct tw_closed {
	struct tw_header header;
	tw_worker worker;
	struct tw_endpoint local;
	struct tw_endpoint remote;
	__u64 lifetime_ns; /* since established; 0: older than tcpwatch */
	__u64 bytes_in;
	__u64 bytes_out;
	__u32 srtt_us;
	__u32 retransmits;
	__u32 error;
	__u8 role;
	__u8 last_state;
	__u16 zero;
	char comm[TW_COMM];
};

/* A listener dropped handshakes since it last told so (at most one record per 10 ms each). */
struct tw_drops {
	struct tw_header header;
	struct tw_endpoint listener;
	tw_worker owner;
	__u64 overflows_syn; /* totals since start, not increments: a lost record loses no count */
	__u64 overflows_ack;
	__u32 queue_now;
	__u32 queue_limit;
	char comm[TW_COMM];
};

/* One state change (only with --detail transitions). */
struct tw_step_record {
	struct tw_header header;
	__u64 sk;
	tw_worker worker;
	struct tw_endpoint local;
	struct tw_endpoint remote;
	__u8 from;
	__u8 to;
	__u8 role;
	__u8 zero8;
	__u32 error;
};

struct tw_host {
	struct tw_header header;
	__u64 realtime_ns; /* wall clock at header.time */
	__u32 abi_version;
	__u32 cpus;
	char hostname[64];
	char kernel[64];
	char version[32]; /* of tcpwatch */
};

/* One line of the hook plan: which mechanism watches a signal, or why one was refused. */
struct tw_hook {
	struct tw_header header;
	__u8 chosen; /* 0: refused */
	__u8 exact;
	__u16 order;   /* its place in the ladder, 0 first */
	__u32 skipped; /* runs that the kernel did not start: at most so many are not counted */
	char signal[24];
	char mechanism[16];
	char target[48];
	char note[160]; /* refused: why, and the remedy; chosen: what it cannot see */
};

struct tw_flow_record {
	struct tw_header header;
	__u32 slot;
	__u32 zero;
	struct tw_flow flow;
};

struct tw_listener_record {
	struct tw_header header;
	__u32 slot;
	__u32 somaxconn;
	struct tw_listener listener;
};

/* A slot was given back; its number may come again with another key. */
struct tw_gone {
	struct tw_header header;
	__u32 slot;
	__u32 zero;
};

/* The kernel's own counters of one network namespace, cumulative. */
struct tw_netns {
	struct tw_header header;
	__u32 netns;
	__u32 time_wait; /* sockets now */
	__u64 active_opens;
	__u64 passive_opens;
	__u64 attempt_fails;
	__u64 estab_resets;
	__u64 listen_overflows;
	__u64 listen_drops;
	__u64 reqq_full_drop;
	__u64 cookies_sent;
	__u64 cookies_received;
	__u64 cookies_failed;
	__u64 out_no_routes;
};

/* What /proc says of a worker. */
struct tw_process {
	struct tw_header header;
	tw_worker worker;
	__u32 fds_open; /* TW_UNKNOWN: could not be read */
	__u32 fds_limit;
	__u32 alive;
	__u32 zero;
	char comm[TW_COMM];
	char cmdline[128];
	char cgroup[256]; /* pods of Kubernetes have some 200 characters */
};
#define TW_UNKNOWN 0xffffffffu

struct tw_loss {
	struct tw_header header;
	__u64 lost[TW_KIND_LIMIT - 1]; /* by kind, cumulative */
	__u64 untold;                  /* ends of connections above the rate that was asked for */
	__u64 folded;                  /* counts that went to an "other" flow */
	__u64 untracked;               /* sockets that found no room in the table */
};

/* What tcpwatch itself costs, cumulative. */
struct tw_self {
	struct tw_header header;
	__u64 cpu_ns; /* of all its threads, user and system */
};

/*
 * A look through the socket table: what no counter of steps knows. Its parts tell what there is;
 * of what they do not mention there is nothing.
 */
struct tw_sample {
	struct tw_header header;
	__u64 cost_ns;     /* CPU that it took */
	__u64 interval_ns; /* until the next, at least */
	__u64 sockets;     /* looked at */
	__u32 time_waits;
	__u32 strangers; /* of them, made before tcpwatch or forgotten since: by nobody known */
	__u32 fin_waits; /* FIN_WAIT2 of sockets that were closed, which make no step to TIME_WAIT */
	__u32 partial;   /* 1: namespaces could not be entered, or tables were full */
};

/* Part of a sample: sockets of one worker towards one destination or from one listening address. */
struct tw_sockets {
	struct tw_header header;
	struct tw_flow_key key;
	__u32 active;     /* ESTABLISHED, data came or went within TW_IDLE_SECONDS */
	__u32 idle;       /* ESTABLISHED, the others */
	__u32 waiting;    /* OUT, ESTABLISHED: has sent and never received */
	__u32 time_waits; /* that it made */
	__u32 fin_waits;  /* that it closed and whose peer has not */
	__u32 zero;
	__u64 waiting_ns; /* the longest of `waiting`, since it last sent */
};
#define TW_IDLE_SECONDS 60

/* Part of a sample: sockets in CLOSE_WAIT, likewise. */
struct tw_close_waits {
	struct tw_header header;
	struct tw_flow_key key;
	__u32 sockets;
	__u32 dated; /* of them, tcpwatch saw the peer's FIN; others: since its last segment */
	__u64 oldest_ns;
	struct tw_endpoint oldest_peer;
	__u32 oldest_dated;
	__u32 zero;
	__u32 ages[TW_BUCKETS]; /* tw_bucket_of(age >> TW_AGE_SHIFT) */
};
#define TW_AGE_SHIFT 14 /* up to 50 days, in steps of 16 ms at least */

/* Part of a sample: source ports towards one destination, on the local address that uses most. */
struct tw_ports {
	struct tw_header header;
	struct tw_endpoint destination;
	__u32 used;
	__u32 available;  /* TW_UNKNOWN: the namespace's settings could not be read */
	__u32 reusable;   /* of those in use, TIME_WAIT that connect() may take again */
	__u32 time_waits; /* over all local addresses, whoever made them */
	__u32 sources;    /* local addresses */
	__u32 zero;
};

/* Part of a sample: connections of one worker that were accepted from one listening address. */
struct tw_inbound {
	struct tw_header header;
	struct tw_flow_key key;
	__u32 slow;    /* ESTABLISHED, hardly sends: see TW_SLOW_SECONDS */
	__u32 arrived; /* ESTABLISHED, from another network namespace or machine */
	__u32 cpu;     /* that took in the last packet of most of `arrived` */
	__u32 on_cpu;  /* of at least so many */
	__u64 slow_ns; /* the longest of `slow`, since the worker last sent, if it ever has */
};
/*
 * A slow client: for so long nothing was sent to it, it has sent less than so many bytes in all, and
 * none at all, or some a second or later after that.
 */
#define TW_SLOW_SECONDS 5
#define TW_SLOW_BYTES 2048

/* Connection tracking in one network namespace; told where there is any. */
struct tw_conntrack {
	struct tw_header header;
	__u32 netns;
	__u32 count; /* tracked now */
	__u32 max;
	__u32 zero;
	__u64 dropped;       /* packets, cumulative: the table was full, or the insertion failed */
	__u64 early_dropped; /* entries that were pushed out for new ones */
};

/* What an nginx says of itself (stub_status); cumulative, but for the last four. */
struct tw_nginx {
	struct tw_header header;
	struct tw_endpoint server; /* where it was asked, as the address of the page says */
	__u64 accepts;
	__u64 handled;
	__u64 requests;
	__u32 active;
	__u32 reading;
	__u32 writing;
	__u32 waiting;
};

/* What a process did since the look before; told of few, while connections wait for them. */
struct tw_activity {
	struct tw_header header;
	__u32 pid;
	__u32 parent;    /* who listens for it; 0: it was asked about for its own sake */
	__u64 looked_ns; /* since the look before; 0: this is the first, and counts nothing */
	__u64 ran_ns;    /* on CPUs, all its threads */
	__u64 waited_ns; /* runnable without a CPU, all its threads; TW_UNKNOWN_NS: not known */
	/* what follows is looked for only where it waits more than it runs; else 0 */
	__u32 periods;     /* of the limit of its group's CPU time, over; 0: no limit is known */
	__u32 throttled;   /* of them, in which the time was used up */
	__u32 limit;       /* thousandths of a CPU */
	__u32 cpus;        /* that it may run on; 0: not known */
	__u32 cpu;         /* where it last ran */
	__u32 runnable;    /* tasks of the whole machine that ran or wanted to */
	__u32 rival;       /* pid of who used most of `cpu`; 0: nobody did */
	__u32 rival_share; /* thousandths of a CPU */
	__u8 rival_realtime;
	__u8 state; /* as in /proc/PID/stat; '?': several threads, whose states differ */
	__u8 zero[6];
	char rival_comm[TW_COMM];
	char wait_channel[40]; /* empty: running, or not permitted to know */
	char group[112];       /* the cgroup with that limit, its front cut off if it is longer */
};
#define TW_UNKNOWN_NS 0xffffffffffffffffull

/* Where packets of a namespace are steered; told while one CPU takes in nearly all connections. */
struct tw_steering {
	struct tw_header header;
	__u32 netns;
	__u32 cpu;         /* that CPU */
	__u64 packets;     /* that all CPUs of the machine took in, cumulative */
	__u64 packets_cpu; /* of them, that CPU */
	__u32 queues;      /* receive queues of the namespace's devices, but for loopback */
	__u32 unspread;    /* of them, without a mask: the CPU of the interrupt takes in */
	__u32 to_cpu;      /* of them, whose mask is that CPU alone */
	__u32 zero;
	char queue[32]; /* one of those: "eth0 rx-0" */
};

/* An interval ended: the model makes a snapshot of what came before. */
struct tw_tick {
	struct tw_header header;
};

#ifndef __cplusplus
#define TW_ASSERT _Static_assert
#else
#define TW_ASSERT static_assert
#endif
TW_ASSERT(sizeof(struct tw_endpoint) == 24, "endpoint");
TW_ASSERT(sizeof(struct tw_flow_key) == 40, "flow key");
TW_ASSERT(sizeof(struct tw_flow) % 64 == 0, "flow");
TW_ASSERT(sizeof(struct tw_listener) == 192, "listener");
TW_ASSERT(sizeof(struct tw_connect) == 112, "connect");
TW_ASSERT(sizeof(struct tw_closed) == 128, "closed");
TW_ASSERT(sizeof(struct tw_drops) == 88, "drops");
TW_ASSERT(sizeof(struct tw_step_record) == 88, "step");
TW_ASSERT(sizeof(struct tw_host) == 192, "host");
TW_ASSERT(sizeof(struct tw_hook) == 272, "hook");
TW_ASSERT(sizeof(struct tw_netns) == 112, "netns");
TW_ASSERT(sizeof(struct tw_process) == 440, "process");
TW_ASSERT(sizeof(struct tw_self) == 24, "self");
TW_ASSERT(sizeof(struct tw_sample) == 56, "sample");
TW_ASSERT(sizeof(struct tw_sockets) == 88, "sockets");
TW_ASSERT(sizeof(struct tw_close_waits) == 104 + 4 * TW_BUCKETS, "close_waits");
TW_ASSERT(sizeof(struct tw_ports) == 64, "ports");
TW_ASSERT(sizeof(struct tw_inbound) == 80, "inbound");
TW_ASSERT(sizeof(struct tw_conntrack) == 48, "conntrack");
TW_ASSERT(sizeof(struct tw_nginx) == 80, "nginx");
TW_ASSERT(sizeof(struct tw_activity) == 256, "activity");
TW_ASSERT(sizeof(struct tw_steering) == 88, "steering");
TW_ASSERT(sizeof(struct tw_loss) == 16 + 8 * (TW_KIND_LIMIT + 2), "loss");

#endif
