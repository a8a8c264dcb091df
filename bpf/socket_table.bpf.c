// SPDX-License-Identifier: GPL-2.0-only
/*
 * One snapshot of the socket table, for `tcpwatch sockets`: an object of its own, small and quick
 * to load. Two iterators: over open files, for who holds which socket (all namespaces at once);
 * over the sockets of one network namespace, listeners first. Counts stay in the kernel, rows go
 * out only where rows are shown. The program over sockets has no probe read.
 */
#include "table_counts.h"
#include "table_holders.h"
#include "table_walk.h"
#include <bpf/bpf_tracing.h>

/* A socket as the iterator shows it: full, half-open or TIME_WAIT. */
struct seen {
	struct sock_common *any;
	struct tcp_sock *tcp;              /* of a full one */
	struct tcp_timewait_sock *waiting; /* of TIME_WAIT */
	u32 timer;                         /* until it goes, of TIME_WAIT */
	u16 port;
	u8 state;
	bool nobodys; /* no file */
	bool dead;    /* nor was it left to wait for accept() */
};

static __always_inline void recognize(struct seen *seen, struct sock_common *any)
{
	seen->any = any;
	seen->state = any->skc_state;
	seen->port = any->skc_num;
	if (seen->state == TW_TIME_WAIT) {
		seen->waiting = bpf_skc_to_tcp_timewait_sock(any);
		/* FIN_WAIT2 of a socket that nobody holds is kept as a TIME_WAIT socket. */
		if (seen->waiting)
			seen->state = seen->waiting->tw_sk.tw_substate;
	} else if (seen->state == TW_NEW_SYN_RECV) {
		seen->state = TW_SYN_RECV;
	} else if (query.by != TW_BY_STATE) {
		seen->tcp = bpf_skc_to_tcp_sock(any);
	}
}

static __always_inline void look_closer(struct seen *seen)
{
	run.jiffies = bpf_jiffies64();
	seen->nobodys = true;
	seen->dead = true;
	if (seen->tcp) {
		seen->dead = tcp_flags(seen->tcp, RUNG_MODERN) & 1 << SOCK_DEAD_BIT;
		seen->nobodys = !tcp_file_side(seen->tcp, RUNG_MODERN);
	} else if (seen->state == TW_SYN_RECV) {
		seen->dead = false;
	}
	if (seen->waiting) {
		seen->timer = (u32)seen->waiting->tw_sk.tw_timer.expires - (u32)run.jiffies;
		if (seen->timer > MANY_JIFFIES)
			seen->timer = 0;
	}
}

/* False: no room in this read; the kernel shows the socket again in the next one. */
static __always_inline bool tell(struct seq_file *out, struct seen *seen, u32 uid)
{
	struct tw_table_socket row;

	__builtin_memset(&row, 0, sizeof(row));
	row.sk = (u64)seen->any;
	local_end(&row.local, seen->any);
	remote_end(&row.remote, seen->any);
	row.state = seen->state;
	row.uid = uid;
	row.without_file = seen->nobodys;
	row.dead = seen->dead;
	row.timer = seen->timer;
	describe(&row, seen->tcp, seen->state);
	return !bpf_seq_write(out, &row, sizeof(row));
}

SEC("?iter/tcp")
int table_sockets(struct bpf_iter__tcp *context)
{
	struct sock_common *any = context->sk_common;
	struct seen seen = {};

	if (!any)
		return 0;
	recognize(&seen, any);
	if (seen.state == TW_LISTEN)
		listening[seen.port] = 1;
	if (!passes(seen.state, seen.port, bpf_ntohs(any->skc_dport)))
		return 0;
	if (query.held && !holder_of((u64)any))
		return 0;
	if (query.by == TW_BY_STATE) {
		count_one(seen.state, false, false);
		return 0;
	}
	look_closer(&seen);
	if (query.by == TW_BY_SOCKET || (query.by == TW_BY_LISTENER && seen.state == TW_LISTEN)) {
		if (!tell(context->meta->seq, &seen, context->uid))
			return 0;
	}
	if (query.by == TW_BY_LISTENER)
		count_for_listener(any, seen.tcp, seen.state, seen.port);
	else if (query.by == TW_BY_DESTINATION && seen.state != TW_LISTEN)
		count_destination(any, seen.tcp, seen.state, seen.port,
				  seen.state == TW_TIME_WAIT && REUSABLE(seen.timer, run.minute));
	else if (query.by == TW_BY_PROCESS)
		count_for_process((u64)any, seen.tcp, seen.state, seen.port, RUNG_MODERN);
	count_one(seen.state, seen.nobodys, seen.dead);
	return 0;
}

/* Listeners alone, where the walk takes the connections. */
SEC("?iter/tcp")
int table_listeners(struct bpf_iter__tcp *context)
{
	struct sock_common *any = context->sk_common;
	u16 port;

	if (!any)
		return 0;
	/* Listeners come first. Not done with this one: the read ends, and nobody reads on. */
	if (any->skc_state != TW_LISTEN) {
		run.listeners_done = 1;
		return 1;
	}
	port = any->skc_num;
	listening[port] = 1;
	if (passes(TW_LISTEN, port, 0) && (!query.held || holder_of((u64)any)))
		count_one(TW_LISTEN, false, false);
	return 0;
}

/* Arguments: the first bucket, and how many (a multiple of WALK_HEADS). For a test run. */
SEC("?raw_tp/walk")
int table_walk(u64 *context)
{
	bool known = walk_find(&run.buckets);

	if (!context[1])
		return 0;
	run.jiffies = bpf_jiffies64();
	return !known || !walk_buckets(context[0], context[1], run.buckets);
}

SEC("?iter/task_file")
int table_files(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket *socket;
	struct tcp_sock *tcp;

	if (!task || !file || run.files++ >= run.give_up)
		return 0;
	take_in_hand(task);
	if (!at_hand.wanted)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket || !socket->sk)
		return 0;
	tcp = bpf_skc_to_tcp_sock(socket->sk);
	return tcp ? hold(context->meta->seq, (struct sock *)tcp, RUNG_MODERN) : 0;
}

/* 5.10 has no such helper: sockets are known by their file operations. */
SEC("?iter/task_file")
int table_files_old(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	struct socket *socket;
	struct sock *sk;
	u16 family;

	if (!task || !file || run.files++ >= run.give_up)
		return 0;
	take_in_hand(task);
	if (!at_hand.wanted || (u64)file->f_op != query.socket_file_ops)
		return 0;
	socket = file->private_data;
	sk = BPF_CORE_READ(socket, sk);
	family = sk_family(sk, RUNG_RAW);
	if ((family != AF_INET && family != AF_INET6) || sk_protocol(sk, RUNG_RAW) != IPPROTO_TCP)
		return 0;
	return hold(context->meta->seq, sk, RUNG_RAW);
}

char _license[] SEC("license") = "GPL";
