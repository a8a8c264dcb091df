/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All maps, shared by every program of the object. maps.bpf.c defines them, the others refer to
 * them. Sizes are set by the loader (userspace/kernel) before the load.
 */
#ifndef TCPWATCH_MAPS_H
#define TCPWATCH_MAPS_H

#include "vmlinux.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tcpwatch/abi.h"
#include "tcpwatch/bpf_config.h"
#include "tcpwatch/flow_counts.h"
#include "tcpwatch/maker_notes.h"
#include "tcpwatch/socket_sample.h"

#ifdef TW_DEFINE_MAPS
#define TW_SHARED
#else
#define TW_SHARED extern
#endif

/* One tracked socket; see sock_table.h. */
struct tw_sock {
	u64 key;      /* the address of its struct sock; 0: free */
	u64 since_ns; /* OUT: connect(), then established; IN, QUEUE: end of the handshake */
	union {
		u32 kernel_ns; /* OUT, until established: time of the port search, saturated */
		u32 leaked_at; /* CLOSE_WAIT, if TW_SOCK_DATED: when the FIN came, in jiffies */
	};
	u32 flow;
	u32 listener; /* slot, 0: none or unknown */
	u8 role;
	u8 state; /* as counted in the flow */
	u8 flags;
	u8 zero;
}; /* two to a cache line */

#define TW_SOCK_DEAD 1   /* closed by its peer while nobody had accepted it yet */
#define TW_SOCK_UNSENT 2 /* connect() failed before a SYN: its exit hook will know the errno */
#define TW_SOCK_DATED 4  /* leaked_at is known */

#define TW_WAYS 8

struct tw_bucket {
	struct tw_sock sock[TW_WAYS];
};

/*
 * Arrays that may be mapped begin at a page; others 8 bytes before a cache line's end (6.18), where
 * each first entry lies on two lines.
 */
struct buckets_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_bucket);
};
TW_SHARED struct buckets_map buckets SEC(".maps");

struct spilled_socks_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u64);
	__type(value, struct tw_sock);
};
TW_SHARED struct spilled_socks_map spilled_socks SEC(".maps");

struct flows_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_flow);
};
TW_SHARED struct flows_map flows SEC(".maps");

/* By slot and lane: see flow_counts.h. */
struct flow_counts_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_flow_counts);
};
TW_SHARED struct flow_counts_map flow_counts SEC(".maps");

struct flow_index_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct tw_flow_key);
	__type(value, u32);
};
TW_SHARED struct flow_index_map flow_index SEC(".maps");

/* Slots not in use. Filled by user space, which also gives back those it has read to the end. */
struct free_flows_map {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
};
TW_SHARED struct free_flows_map free_flows SEC(".maps");

struct listeners_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_listener);
};
TW_SHARED struct listeners_map listeners SEC(".maps");

struct free_listeners_map {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 1);
	__type(value, u32);
};
TW_SHARED struct free_listeners_map free_listeners SEC(".maps");

/* The listener of a port, for children whose listener could not be told otherwise. */
struct tw_port {
	u32 netns;
	u32 port;
};

struct listener_of_port_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct tw_port);
	__type(value, u32);
};
TW_SHARED struct listener_of_port_map listener_of_port SEC(".maps");

struct stories_map {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
};
TW_SHARED struct stories_map stories SEC(".maps");

struct tw_lost {
	u64 by_kind[TW_KIND_LIMIT - 1];
	u64 folded;
	u64 untracked;
	u64 caught; /* steps that a second look handled, see second_look.h */
	u64 untold; /* ends of connections, see stories.h */
};

struct lost_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_lost);
};
TW_SHARED struct lost_map lost SEC(".maps");

/* How many ends this CPU has told in a span of time. */
struct tw_telling {
	u64 span;
	u64 told;
};

struct telling_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_telling);
};
TW_SHARED struct telling_map telling SEC(".maps");

/* What was handled last on this CPU, see second_look.h. */
struct tw_handled {
	u64 address;
	u64 state; /* a step's new one */
};

struct handled_map {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct tw_handled);
};
TW_SHARED struct handled_map handled SEC(".maps");

/* connect() calls under way in the kernel, by thread, for hooks that see only one end of them. */
struct tw_pending {
	struct sock *sk;
	struct tw_endpoint remote;
	u64 since_ns;
};

struct pending_connects_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, u64);
	__type(value, struct tw_pending);
};
TW_SHARED struct pending_connects_map pending_connects SEC(".maps");

/* Who made which TIME_WAIT; see makers.h. */
struct tw_maker {
	u32 hash;
	u16 port;
	u16 flow; /* 0: not in use */
};

#define TW_MAKERS 7

struct tw_maker_bucket {
	u32 next; /* the way to be taken next */
	u32 zero;
	struct tw_maker way[TW_MAKERS];
};

struct makers_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* see buckets_map */
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_maker_bucket);
};
TW_SHARED struct makers_map makers SEC(".maps");

/* A lane's latest TIME_WAITs, not yet sorted into the table above. 0: none. */
struct tw_notes {
	u64 note[TW_NOTES];
};

struct maker_notes_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE); /* see buckets_map */
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_notes);
};
TW_SHARED struct maker_notes_map maker_notes SEC(".maps");

/* What a look through the socket table adds up; emptied by user space before each. */
struct flow_samples_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tw_flow_sample);
};
TW_SHARED struct flow_samples_map flow_samples SEC(".maps");

struct leak_samples_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, struct tw_leak_sample);
};
TW_SHARED struct leak_samples_map leak_samples SEC(".maps");

struct port_samples_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, struct tw_port_key);
	__type(value, struct tw_port_sample);
};
TW_SHARED struct port_samples_map port_samples SEC(".maps");

/* By the inode number of a network namespace; told by user space. */
struct port_ranges_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, struct tw_port_range);
};
TW_SHARED struct port_ranges_map port_ranges SEC(".maps");

#ifdef TW_DEFINE_MAPS
const volatile struct tw_config config = {};
/* Set once a hook at the end of connect() is attached: it tells the errno of immediate failures. */
__u32 connect_exit_hook = 0;
/* Set where the sent times of a socket are to be trusted. */
__u32 measuring_kernel_time = 0;
/* Set before a second look is attached: from then on the first says what it has handled. */
__u32 looking_again = 0;
__u32 always_zero = 0;
struct tw_notes_taken notes_taken[TW_LANES_MAX] = {};
#else
extern const volatile struct tw_config config;
extern __u32 connect_exit_hook;
extern __u32 measuring_kernel_time;
extern __u32 looking_again;
extern __u32 always_zero;
extern struct tw_notes_taken notes_taken[TW_LANES_MAX];
#endif

/*
 * The same number, but for the verifier one that it cannot know: it walks all that follows once for
 * each number that it knows.
 */
static __always_inline u64 untold(u64 number)
{
	return number + always_zero;
}

#endif
