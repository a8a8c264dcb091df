// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who accepts, and after how long a wait in the queue.
 *
 * security_sock_graft() runs once per accepted socket, in the accepting task, in every kernel and
 * for io_uring too: an entry probe is enough, so that no call in flight at attach is lost. Where
 * no function may be hooked, the getpeername hook of the root cgroup runs inside accept() whenever
 * the program asks for the peer's address, as nginx, haproxy, redis, Java, Go and Python do; what
 * it misses is claimed at close() (lifecycle.bpf.c) or by a sweep over open files (sockets.bpf.c).
 */
#include "accepting.h"
#include <bpf/bpf_tracing.h>

static __always_inline int grafted(struct sock *sk, struct rung rung)
{
	u16 family = sk_family(sk, rung);

	if ((family == AF_INET || family == AF_INET6) && sk_protocol(sk, rung) == IPPROTO_TCP)
		accepted(sk, bpf_ktime_get_ns(), rung);
	return 0;
}

SEC("?fentry/security_sock_graft")
int BPF_PROG(accept_fentry, struct sock *sk)
{
	return grafted(sk, RUNG_OLD);
}

SEC("?kprobe/security_sock_graft")
int BPF_KPROBE(accept_kprobe, struct sock *sk)
{
	return grafted(sk, RUNG_RAW);
}

/* Also runs in getpeername() itself: of sockets in the queue's hands it can only be accept(). */
static __always_inline int peer_asked(struct bpf_sock_addr *event)
{
	struct bpf_sock *sk = event->sk;
	struct tw_sock *entry;

	if (!sk)
		return 1;
	entry = sock_find((u64)sk);
	if (!entry || entry->role != TW_ROLE_QUEUE)
		return 1;
	claim(entry, current_process(RUNG_RAW), untyped_sock(sk), bpf_ktime_get_ns(), RUNG_RAW);
	if (entry->flags & TW_SOCK_DEAD)
		sock_remove((u64)sk);
	return 1;
}

SEC("?cgroup/getpeername4")
int accept_getpeername4(struct bpf_sock_addr *event)
{
	return peer_asked(event);
}

SEC("?cgroup/getpeername6")
int accept_getpeername6(struct bpf_sock_addr *event)
{
	return peer_asked(event);
}

char _license[] SEC("license") = "GPL";
