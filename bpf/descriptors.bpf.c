// SPDX-License-Identifier: GPL-2.0-only
/*
 * accept4() and socket() refused for want of a file descriptor: nothing of TCP changes then, so only
 * the ends of these two calls tell. Function hooks; no syscall tracepoint, which would slow every
 * call of the host. What io_uring accepts does not pass here.
 */
#include "flows.h"
#include <bpf/bpf_tracing.h>

#define EMFILE 24
#define ENFILE 23

enum wanted_by { WANTED_BY_ACCEPT, WANTED_BY_SOCKET };

static __always_inline void count_refusal(u32 refusal, struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_DESCRIPTORS};
	u32 slot = flow_of(&key, current_process(rung));
	struct tw_flow *flow = flow_at(slot);

	if (slot && flow) /* the folded flow counts other failures in these places */
		count(&flow->failures[refusal & (TW_REASONS - 1)]);
}

static __always_inline int returned(enum wanted_by call, long result, struct rung rung)
{
	bool by_socket = call == WANTED_BY_SOCKET;

	if (result == -EMFILE)
		count_refusal(by_socket ? TW_REFUSED_SOCKET_EMFILE : TW_REFUSED_ACCEPT_EMFILE,
			      rung);
	else if (result == -ENFILE)
		count_refusal(by_socket ? TW_REFUSED_SOCKET_ENFILE : TW_REFUSED_ACCEPT_ENFILE,
			      rung);
	return 0;
}

SEC("?fexit/__sys_accept4")
int BPF_PROG(refused_accept_fexit, int fd, void *address, void *length, int flags, int result)
{
	return returned(WANTED_BY_ACCEPT, result, RUNG_OLD);
}

SEC("?fexit/__sys_socket")
int BPF_PROG(refused_socket_fexit, int family, int type, int protocol, int result)
{
	return returned(WANTED_BY_SOCKET, result, RUNG_OLD);
}

SEC("?kretprobe/__sys_accept4")
int BPF_KRETPROBE(refused_accept_kretprobe, int result)
{
	return returned(WANTED_BY_ACCEPT, result, RUNG_RAW);
}

SEC("?kretprobe/__sys_socket")
int BPF_KRETPROBE(refused_socket_kretprobe, int result)
{
	return returned(WANTED_BY_SOCKET, result, RUNG_RAW);
}

char _license[] SEC("license") = "GPL";
