// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the state steps cannot tell: the errno of a connect() that failed before or without a SYN.
 * It is what tcp_v?_connect() returns.
 */
#include "connecting.h"
#include <bpf/bpf_tracing.h>

static __always_inline bool sockaddr_endpoint(struct tw_endpoint *end, struct sock *sk,
					      struct sockaddr *address, struct rung rung)
{
	u16 family = BPF_CORE_READ(address, sa_family);

	end->zero = 0;
	end->netns = sk_netns(sk, rung);
	if (family == AF_INET) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)address;

		end->port = bpf_ntohs(BPF_CORE_READ(v4, sin_port));
		address_v4(end->address, BPF_CORE_READ(v4, sin_addr.s_addr));
		return true;
	}
	if (family == AF_INET6) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)address;

		end->port = bpf_ntohs(BPF_CORE_READ(v6, sin6_port));
		BPF_CORE_READ_INTO((struct in6_addr *)end->address, v6, sin6_addr);
		return true;
	}
	return false;
}

/* No step was made, so there is no entry: the failure belongs to the caller, who is running. */
static __always_inline void failed_at_once(struct sock *sk, struct tw_endpoint *remote, int error,
					   u64 since, struct rung rung)
{
	struct tw_flow_key key = {.role = TW_ROLE_OUT};
	struct tw_sock attempt = {.role = TW_ROLE_OUT};
	struct tw_flow *flow;
	u64 now = bpf_ktime_get_ns();
	u32 slot;

	key.peer = *remote;
	slot = flow_of(&key, current_process(rung));
	flow = flow_at(slot);
	if (!flow)
		return;
	attempt.since_ns = since ? since : now;
	count_attempt(slot);
	connect_failed(sk, &attempt, flow, reason_of(error), error, now, rung);
}

/* tcp_v4_connect() or tcp_v6_connect() returned an error; `remote` is what it was called with. */
static __always_inline void connect_refused_by_kernel(struct sock *sk, struct tw_endpoint *remote,
						      int error, u64 since, struct rung rung)
{
	struct tw_sock *entry = sock_find((u64)sk);

	if (!entry) {
		failed_at_once(sk, remote, error, since, rung);
	} else if (entry->flags & TW_SOCK_UNSENT) {
		struct tw_flow *flow = flow_at(entry->flow);

		if (flow)
			connect_failed(sk, entry, flow, reason_of(error), error, bpf_ktime_get_ns(),
				       rung);
	}
}

static __always_inline int connect_returned(struct sock *sk, struct sockaddr *address, int result)
{
	struct tw_endpoint remote;

	if (result < 0 && sockaddr_endpoint(&remote, sk, address, RUNG_OLD))
		connect_refused_by_kernel(sk, &remote, -result, 0, RUNG_OLD);
	return 0;
}

SEC("?fexit/tcp_v4_connect")
int BPF_PROG(connect4_fexit, struct sock *sk, struct sockaddr *address, int length, int result)
{
	return connect_returned(sk, address, result);
}

/* For a v4-mapped address tcp_v6_connect() calls tcp_v4_connect(), which has told it already. */
SEC("?fexit/tcp_v6_connect")
int BPF_PROG(connect6_fexit, struct sock *sk, struct sockaddr *address, int length, int result)
{
	struct tw_endpoint remote;

	if (result >= 0 || !sockaddr_endpoint(&remote, sk, address, RUNG_OLD))
		return 0;
	if (*(u64 *)remote.address == 0 && *(u32 *)(remote.address + 8) == bpf_htonl(0xffff))
		return 0;
	connect_refused_by_kernel(sk, &remote, -result, 0, RUNG_OLD);
	return 0;
}

/* A return probe sees no arguments: the entry probe leaves them under the thread's id. */
static __always_inline int connect_entered(struct sock *sk, struct sockaddr *address)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct tw_pending pending = {.sk = sk, .since_ns = bpf_ktime_get_ns()};

	if (sockaddr_endpoint(&pending.remote, sk, address, RUNG_RAW) &&
	    bpf_map_update_elem(&pending_connects, &thread, &pending, BPF_ANY))
		count_lost(TW_KIND_CONNECT);
	return 0;
}

/* The first return of a thread's call takes the pending entry: a v4-mapped call counts once. */
static __always_inline int connect_left(int result)
{
	u64 thread = bpf_get_current_pid_tgid();
	struct tw_pending *pending = bpf_map_lookup_elem(&pending_connects, &thread);

	if (!pending)
		return 0;
	if (result < 0)
		connect_refused_by_kernel(pending->sk, &pending->remote, -result, pending->since_ns,
					  RUNG_RAW);
	bpf_map_delete_elem(&pending_connects, &thread);
	return 0;
}

SEC("?kprobe/tcp_v4_connect")
int BPF_KPROBE(connect4_kprobe, struct sock *sk, struct sockaddr *address)
{
	return connect_entered(sk, address);
}

SEC("?kprobe/tcp_v6_connect")
int BPF_KPROBE(connect6_kprobe, struct sock *sk, struct sockaddr *address)
{
	return connect_entered(sk, address);
}

SEC("?kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(connect4_kretprobe, int result)
{
	return connect_left(result);
}

SEC("?kretprobe/tcp_v6_connect")
int BPF_KRETPROBE(connect6_kretprobe, int result)
{
	return connect_left(result);
}

char _license[] SEC("license") = "GPL";
