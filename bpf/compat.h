/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel drift, and nothing else: what differs between 5.10 and today, asked of BTF, never of a
 * version number.
 */
#ifndef TCPWATCH_COMPAT_H
#define TCPWATCH_COMPAT_H

#include "vmlinux.h"
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

/*
 * What a program may use. Passed as a constant down the always-inlined handlers, so that one
 * source serves every mechanism and kernel.
 */
struct rung {
	bool direct;  /* socket pointers carry BTF types: plain loads instead of probe reads */
	bool atomics; /* compare-and-swap (5.12): the bucket table can take sockets */
	bool task;    /* bpf_get_current_task_btf() (5.11) */
};

#define RUNG_MODERN ((struct rung){.direct = true, .atomics = true, .task = true})
#define RUNG_OLD ((struct rung){.direct = true})
#define RUNG_RAW ((struct rung){0})

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define SHUTDOWN_MASK 3

#endif
