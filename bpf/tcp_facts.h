/* SPDX-License-Identifier: GPL-2.0-only */
/* Facts of a full socket behind struct sock, for those who look through the socket table. */
#ifndef TCPWATCH_TCP_FACTS_H
#define TCPWATCH_TCP_FACTS_H

#include "facts.h"

#define MANY_JIFFIES 0x7fffffff

/* Jiffies are compared modulo 2^32, as the kernel does. */
static __always_inline u32 jiffies_between(u32 moment, u32 now)
{
	u32 since = now - moment;

	return since > MANY_JIFFIES ? 0 : since;
}

#define TCP_FACT(type, name, field)                                                                \
	static __always_inline type tcp_##name(struct tcp_sock *tcp, struct rung rung)             \
	{                                                                                          \
		return rung.direct ? tcp->field : BPF_CORE_READ(tcp, field);                       \
	}

#define ICSK inet_conn
#define SK inet_conn.icsk_inet.sk

TCP_FACT(u32, received_next, rcv_nxt)
TCP_FACT(u32, copied, copied_seq)
TCP_FACT(u32, written, write_seq)
TCP_FACT(u32, acknowledged, snd_una)
TCP_FACT(u32, sent_at, lsndtime)
TCP_FACT(u32, heard_at, rcv_tstamp)
TCP_FACT(u32, received_at, ICSK.icsk_ack.lrcvtime)
TCP_FACT(u64, received_bytes, bytes_received)
TCP_FACT(u64, sent_bytes, bytes_sent)
TCP_FACT(u64, sent_again, bytes_retrans)
TCP_FACT(u32, rtt, srtt_us)
TCP_FACT(u32, retransmits, total_retrans)
TCP_FACT(u32, half_open, ICSK.icsk_accept_queue.qlen.counter)
TCP_FACT(u32, queue_now, SK.sk_ack_backlog)
TCP_FACT(u32, queue_limit, SK.sk_max_ack_backlog)
TCP_FACT(u32, drop_count, SK.sk_drops.counter)
TCP_FACT(u64, flags, SK.__sk_common.skc_flags)
TCP_FACT(void *, file_side, SK.sk_socket)
TCP_FACT(void *, group, SK.sk_reuseport_cb)

static __always_inline u64 tcp_bytes_in(struct tcp_sock *tcp, struct rung rung)
{
	u64 bytes = tcp_received_bytes(tcp, rung);

	/* The kernel counts the peer's FIN as a byte; SOCK_DONE (bit 1) says that it came. */
	return bytes && tcp_flags(tcp, rung) & 2 ? bytes - 1 : bytes;
}

static __always_inline u64 tcp_bytes_out(struct tcp_sock *tcp, struct rung rung)
{
	return tcp_sent_bytes(tcp, rung) - tcp_sent_again(tcp, rung);
}

#endif
