/* SPDX-License-Identifier: GPL-2.0-only */
/* What one socket adds to the rows of the socket table, and the row that it is itself. */
#ifndef TCPWATCH_TABLE_COUNTS_H
#define TCPWATCH_TABLE_COUNTS_H

#include "table.h"

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

static __always_inline void count_for_listener(struct sock_common *any, struct tcp_sock *tcp,
					       u8 state, u16 port)
{
	struct tw_table_count *row;

	if (state == TW_LISTEN) {
		struct tw_table_key key = {};

		local_end(&key.end, any);
		row = row_of(&key, state);
	} else {
		row = row_of_listener(any, port);
	}
	if (!row)
		return;
	count_state(row->states, state);
	if (tcp)
		count_age(row, tcp, (struct sock *)any, state, RUNG_MODERN);
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

#endif
