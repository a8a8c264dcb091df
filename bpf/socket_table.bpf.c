// SPDX-License-Identifier: GPL-2.0-only
/*
 * One snapshot of the socket table, for `tcpwatch sockets`: an object of its own, small and quick
 * to load. Two iterators: over open files, for who holds which socket (all namespaces at once);
 * over the sockets of one network namespace, listeners first. Counts stay in the kernel, rows go
 * out only where rows are shown. The program over sockets has no probe read.
 */
#include "table.h"
#include <bpf/bpf_tracing.h>

static __always_inline void note_listener(u16 port)
{
	listening[port] = 1;
}

/* An exact address goes before a wildcard; [::] takes IPv4 as well. */
static __always_inline struct tw_table_count *row_of_listener(struct sock_common *any, u16 port)
{
	struct tw_table_key key = {};
	struct tw_table_count *row;

	if (!listening[port])
		return NULL;
	local_end(&key.end, any);
	row = bpf_map_lookup_elem(&table_counts, &key);
	if (row)
		return row;
	if (any->skc_family != AF_INET6) {
		address_v4(key.end.address, 0);
		row = bpf_map_lookup_elem(&table_counts, &key);
		if (row)
			return row;
	}
	__builtin_memset(key.end.address, 0, sizeof(key.end.address));
	return bpf_map_lookup_elem(&table_counts, &key);
}

static __always_inline void count_waiting(struct tw_table_count *row, struct tcp_sock *tcp,
					  struct rung rung)
{
	u32 since = jiffies_since(tcp_sent_at(tcp, rung));

	row->waiting++;
	if (since > row->waiting_since)
		row->waiting_since = since;
}

static __always_inline bool waits_for_first_byte(struct tcp_sock *tcp, u8 state, u16 port,
						 struct rung rung)
{
	return tcp && state == TW_ESTABLISHED && !listening[port] &&
	       !tcp_received_bytes(tcp, rung) && tcp_sent_bytes(tcp, rung);
}

static __always_inline tw_worker holder_of(u64 sk)
{
	struct socket_holder *holder = bpf_map_lookup_elem(&socket_holders, &sk);

	return holder ? holder->first : 0;
}

static __always_inline void count_destination(struct sock_common *any, struct tcp_sock *tcp,
					      u8 state, u16 port, u32 timer)
{
	struct tw_table_key key = {};
	struct tw_table_count *row;

	if (listening[port])
		return;
	local_end(&key.end, any);
	__builtin_memcpy(key.source, key.end.address, sizeof(key.source));
	remote_end(&key.end, any);
	if (tcp && query.owners)
		key.worker = holder_of((u64)any);
	row = row_of(&key, state);
	if (!row)
		return;
	count_state(row->states, state);
	if (port >= run.port_low && port <= run.port_high)
		row->in_range++;
	if (timer)
		row->reusable++;
	if (!tcp)
		return;
	count_age(row, tcp, (struct sock *)any, state, RUNG_MODERN);
	if (waits_for_first_byte(tcp, state, port, RUNG_MODERN))
		count_waiting(row, tcp, RUNG_MODERN);
}

/* States were counted by the sweep over files; here is known which way a connection goes. */
static __always_inline void count_for_process(u64 sk, struct tcp_sock *tcp, u8 state, u16 port,
					      struct rung rung)
{
	struct tw_table_key key = {};
	struct tw_table_count *row;

	if (!waits_for_first_byte(tcp, state, port, rung))
		return;
	key.worker = holder_of(sk);
	row = bpf_map_lookup_elem(&table_counts, &key);
	if (row)
		count_waiting(row, tcp, rung);
}

static __always_inline void describe(struct tw_table_socket *row, struct tcp_sock *tcp, u8 state)
{
	struct rung rung = RUNG_MODERN;

	row->since_received = TW_UNKNOWN;
	row->since_sent = TW_UNKNOWN;
	row->since_heard = TW_UNKNOWN;
	if (!tcp)
		return;
	row->reuseport = (u64)tcp_group(tcp, rung);
	if (state == TW_LISTEN) {
		row->in_queue = tcp_queue_now(tcp, rung);
		row->out_queue = tcp_queue_limit(tcp, rung);
		row->half_open = tcp_half_open(tcp, rung);
		row->drops = tcp_drop_count(tcp, rung);
		return;
	}
	row->in_queue = tcp_received_next(tcp, rung) - tcp_copied(tcp, rung);
	row->out_queue = tcp_written(tcp, rung) - tcp_acknowledged(tcp, rung);
	row->rtt_us = tcp_rtt(tcp, rung) >> 3;
	row->retransmits = tcp_retransmits(tcp, rung);
	if (state == TW_SYN_SENT)
		return;
	row->since_received = jiffies_since(tcp_received_at(tcp, rung));
	row->since_sent = jiffies_since(tcp_sent_at(tcp, rung));
	row->since_heard = jiffies_since(tcp_heard_at(tcp, rung));
}

/* TIME_WAIT is made for a second at least before tcp_tw_reuse takes it (60 s less one are left). */
#define REUSABLE(left, hz_minute) ((left) + (hz_minute) / 60 <= (hz_minute))

static __always_inline void count_one(u8 state, bool nobodys, bool dead)
{
	run.sockets++;
	count_state(run.states, state);
	if (nobodys) {
		count_state(run.without_file, state);
		if (!dead)
			count_state(run.in_queue, state);
	}
}

SEC("?iter/tcp")
int table_sockets(struct bpf_iter__tcp *context)
{
	struct sock_common *any = context->sk_common;
	struct tcp_timewait_sock *waiting = NULL;
	struct tw_table_socket row;
	struct tcp_sock *tcp = NULL;
	bool nobodys = true, dead = true;
	u32 timer = 0;
	u16 port;
	u8 state;

	if (!any)
		return 0;
	state = any->skc_state;
	port = any->skc_num;
	if (state == TW_TIME_WAIT) {
		waiting = bpf_skc_to_tcp_timewait_sock(any);
		/* FIN_WAIT2 of a socket that nobody holds is kept as a TIME_WAIT socket. */
		if (waiting)
			state = waiting->tw_sk.tw_substate;
	} else if (state == TW_NEW_SYN_RECV) {
		state = TW_SYN_RECV;
	} else if (query.by != TW_BY_STATE) {
		tcp = bpf_skc_to_tcp_sock(any);
	}
	if (state == TW_LISTEN)
		note_listener(port);
	if (!passes(state, port, bpf_ntohs(any->skc_dport)))
		return 0;
	if (query.held && !holder_of((u64)any))
		return 0;
	if (query.by == TW_BY_STATE) {
		run.sockets++;
		count_state(run.states, state);
		return 0;
	}

	run.jiffies = bpf_jiffies64();
	if (tcp) {
		dead = tcp_flags(tcp, RUNG_MODERN) & 1 << SOCK_DEAD_BIT;
		nobodys = !tcp_file_side(tcp, RUNG_MODERN);
	} else if (state == TW_SYN_RECV) {
		dead = false;
	}
	if (waiting) {
		timer = (u32)waiting->tw_sk.tw_timer.expires - (u32)run.jiffies;
		if (timer > MANY_JIFFIES)
			timer = 0;
	}
	if (query.by == TW_BY_SOCKET || (query.by == TW_BY_LISTENER && state == TW_LISTEN)) {
		__builtin_memset(&row, 0, sizeof(row));
		row.sk = (u64)any;
		local_end(&row.local, any);
		remote_end(&row.remote, any);
		row.state = state;
		row.uid = context->uid;
		row.without_file = nobodys;
		row.dead = dead;
		row.timer = timer;
		describe(&row, tcp, state);
		/* No room in this read: the kernel shows the socket again in the next one. */
		if (bpf_seq_write(context->meta->seq, &row, sizeof(row)))
			return 0;
	}
	if (query.by == TW_BY_LISTENER) {
		struct tw_table_count *count;

		if (state == TW_LISTEN) {
			struct tw_table_key key = {};

			local_end(&key.end, any);
			count = row_of(&key, state);
		} else {
			count = row_of_listener(any, port);
		}
		if (count) {
			count_state(count->states, state);
			if (tcp)
				count_age(count, tcp, (struct sock *)any, state, RUNG_MODERN);
		}
	} else if (query.by == TW_BY_DESTINATION) {
		if (state != TW_LISTEN)
			count_destination(any, tcp, state, port,
					  state == TW_TIME_WAIT && REUSABLE(timer, run.minute));
	} else if (query.by == TW_BY_PROCESS) {
		count_for_process((u64)any, tcp, state, port, RUNG_MODERN);
	}
	count_one(state, nobodys, dead);
	return 0;
}

/*
 * The iterator takes a lock for each bucket and a reference for each socket: 220 ns a socket of a
 * full table, most of it spent waiting for memory. Where only counts are asked, listeners alone
 * come from the iterator, and the table of connections is walked here under RCU, one read of each
 * socket's first lines: 80 ns. A chain that changes meanwhile may be cut short or left for
 * another, as a reader of /proc/net/tcp may miss what moves; nothing is followed but what the
 * probe reads let us follow.
 */
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
	note_listener(port);
	if (passes(TW_LISTEN, port, 0) && (!query.held || holder_of((u64)any)))
		count_one(TW_LISTEN, false, false);
	return 0;
}

#define WALK_HEADS 64  /* of chains, read at once */
#define WALK_LINES 160 /* bytes of a socket: struct sock_common, and tw_substate behind it */

/*
 * Where the walk stands. Not on the stack: before 6.7 the verifier follows a callback once, so that
 * what it takes for a constant the first time round would cut off the rest as dead code.
 */
struct {
	__u64 buckets;
	__u64 node; /* odd: the end of a chain */
	__u64 net;
	__u32 at;
	__u32 end;
	__u64 heads[WALK_HEADS];
} walk;

static __always_inline void walk_socket(const char *lines, u64 sk, u16 port)
{
	u8 state = *(u8 *)(lines + bpf_core_field_offset(struct sock_common, skc_state));
	struct tcp_sock *tcp = NULL;
	bool dead = true, nobodys = true;

	if (state == TW_TIME_WAIT)
		state = *(u8 *)(lines +
				bpf_core_field_offset(struct inet_timewait_sock, tw_substate));
	else if (state == TW_NEW_SYN_RECV)
		state = TW_SYN_RECV;
	else
		tcp = (struct tcp_sock *)sk;
	if (!passes(state, port,
		    bpf_ntohs(*(u16 *)(lines +
				       bpf_core_field_offset(struct sock_common, skc_dport)))))
		return;
	if (query.held && !holder_of(sk))
		return;
	if (query.by == TW_BY_PROCESS) {
		if (tcp) {
			dead = *(u64 *)(lines +
					bpf_core_field_offset(struct sock_common, skc_flags)) &
			       1 << SOCK_DEAD_BIT;
			nobodys = !tcp_file_side(tcp, RUNG_RAW);
		} else if (state == TW_SYN_RECV) {
			dead = false;
		}
		count_for_process(sk, tcp, state, port, RUNG_RAW);
	}
	count_one(state, query.by == TW_BY_PROCESS && nobodys, dead);
}

static long walk_step(u32 step, void *nothing)
{
	char lines[WALK_LINES];
	u64 sk;

	if (walk.node & 1) {
		u32 at = walk.at % WALK_HEADS;

		if (walk.at >= walk.end)
			return 1;
		if (!at && bpf_probe_read_kernel(walk.heads, sizeof(walk.heads),
						 (void *)(walk.buckets + walk.at * 8ULL)))
			return 1;
		walk.node = walk.heads[at];
		walk.at++;
		return 0;
	}
	sk = walk.node - bpf_core_field_offset(struct sock_common, skc_nulls_node.next);
	if (!walk.node || bpf_probe_read_kernel(lines, sizeof(lines), (void *)sk)) {
		walk.node = 1;
		return 0;
	}
	walk.node =
		*(u64 *)(lines + bpf_core_field_offset(struct sock_common, skc_nulls_node.next));
	if (*(u64 *)(lines + bpf_core_field_offset(struct sock_common, skc_net.net)) == walk.net)
		walk_socket(lines, sk,
			    *(u16 *)(lines + bpf_core_field_offset(struct sock_common, skc_num)));
	return 0;
}

/* Arguments: the first bucket, and how many (a multiple of WALK_HEADS). For a test run. */
SEC("?raw_tp/walk")
int table_walk(u64 *context)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);
	struct inet_hashinfo *table = BPF_CORE_READ(net, ipv4.tcp_death_row.hashinfo);
	u32 buckets = BPF_CORE_READ(table, ehash_mask) + 1;

	run.buckets = buckets;
	if (!context[1])
		return 0;
	if (buckets % WALK_HEADS)
		return 1;
	walk.node = 1;
	walk.net = (u64)net;
	walk.at = context[0];
	walk.buckets = (u64)BPF_CORE_READ(table, ehash);
	walk.end = walk.at + context[1];
	if (walk.end > buckets)
		walk.end = buckets;
	run.jiffies = bpf_jiffies64();
	bpf_loop(1 << 23, walk_step, NULL, 0);
	return walk.at < walk.end || !(walk.node & 1);
}

static __always_inline bool asked_for(u32 pid, const char *comm)
{
	if (query.pids && !bpf_map_lookup_elem(&wanted_pids, &pid))
		return false;
	if (!query.comm[0])
		return true;
	for (u32 i = 0; i < TW_COMM; i++) {
		if (query.comm[i] != comm[i])
			return false;
		if (!comm[i])
			break;
	}
	return true;
}

/* The process at hand: an iterator comes to all files of one before it goes to the next. */
struct {
	__u64 task;
	tw_worker worker;
	char comm[TW_COMM];
	__u64 wanted;
} at_hand;

static __always_inline void take_in_hand(struct task_struct *task)
{
	struct who who;

	if (at_hand.task == (u64)task)
		return;
	who = process_of(task);
	__builtin_memset(at_hand.comm, 0, TW_COMM);
	name_of(at_hand.comm, who);
	at_hand.worker = who.worker;
	run.jiffies = bpf_jiffies64();
	at_hand.wanted = asked_for(who.worker >> 32, at_hand.comm);
	at_hand.task = (u64)task;
}

static __always_inline void count_held(struct sock *sk, u8 state, struct rung rung)
{
	struct tw_table_key key = {.worker = at_hand.worker};
	struct tw_table_count *row = row_of(&key, state);

	if (!row)
		return;
	if (!row->comm[0])
		__builtin_memcpy(row->comm, at_hand.comm, TW_COMM);
	count_state(row->states, state);
	count_age(row, as_tcp(sk), sk, state, rung);
}

static __always_inline int hold(struct seq_file *out, struct sock *sk, struct rung rung)
{
	struct tw_table_holder told = {};
	struct socket_holder *known, held;
	u8 state = sk_state(sk, rung);

	if (!passes(state, sk_local_port(sk, rung), bpf_ntohs(sk_remote_port_be(sk, rung))))
		return 0;
	if (query.netns && sk_netns(sk, rung) != query.netns)
		return 0;
	told.sk = (u64)sk;
	told.worker = at_hand.worker;
	known = bpf_map_lookup_elem(&socket_holders, &told.sk);
	/* A process is visited as a whole: another descriptor of it, or a retry of this one. */
	if (known && known->last == told.worker)
		return 0;
	if (query.by == TW_BY_SOCKET || query.by == TW_BY_LISTENER) {
		__builtin_memcpy(told.comm, at_hand.comm, TW_COMM);
		if (bpf_seq_write(out, &told, sizeof(told)))
			return 0;
	}
	if (known) {
		known->last = told.worker;
	} else {
		held.first = held.last = told.worker;
		if (bpf_map_update_elem(&socket_holders, &told.sk, &held, BPF_NOEXIST))
			run.lost++;
		count_state(run.owned, state);
	}
	if (query.by == TW_BY_PROCESS)
		count_held(sk, state, rung);
	return 0;
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
