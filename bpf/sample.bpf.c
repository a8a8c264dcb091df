// SPDX-License-Identifier: GPL-2.0-only
/*
 * A look through the socket table beside the tracer, for what no step tells: ages, idleness, source
 * ports, TIME_WAIT. Whose a socket is the tracer's own table says, so that no open file is looked
 * at. Everything is added up here; user space empties the tables before.
 *
 * Two ways: a walk through the table of connections of all network namespaces at once, or an
 * iterator in one of them after another.
 */
#include "accepting.h"
#include "makers.h"
#include "tcp_facts.h"
#include "walk.h"
#include <bpf/bpf_tracing.h>

struct tw_sample_run sample_run;

/* The namespace of the socket at hand; most sockets follow one of the same. */
struct {
	__u64 net;
	__u32 netns;
	__u32 reuse;
	__u32 low;
	__u32 high;
} here;

static __always_inline void come_to(u64 net)
{
	struct tw_port_range *range;
	u32 netns;

	if (here.net == net)
		return;
	netns = BPF_CORE_READ((struct net *)net, ns.inum);
	range = bpf_map_lookup_elem(&port_ranges, &netns);
	here.net = net;
	here.netns = netns;
	here.reuse = range ? range->reuse : 0;
	here.low = range ? range->low : 1;
	here.high = range ? range->high : 0;
}

static __always_inline void line_address(u8 *address, const char *lines, bool local)
{
	u32 *to = (u32 *)address;

	if (LINE(u16, sock_common, skc_family) != AF_INET6) {
		address_v4(address, local ? LINE(u32, sock_common, skc_rcv_saddr)
					  : LINE(u32, sock_common, skc_daddr));
	} else {
		const u32 *from = local ? &LINE(u32, sock_common, skc_v6_rcv_saddr)
					: &LINE(u32, sock_common, skc_v6_daddr);

		to[0] = from[0];
		to[1] = from[1];
		to[2] = from[2];
		to[3] = from[3];
	}
}

static __always_inline void line_remote(struct tw_endpoint *end, const char *lines)
{
	line_address(end->address, lines, false);
	end->port = bpf_ntohs(LINE(u16, sock_common, skc_dport));
	end->zero = 0;
	end->netns = here.netns;
}

static __always_inline struct tw_port_sample *ports_of(const char *lines)
{
	static const struct tw_port_sample empty;
	struct tw_port_sample *row;
	struct tw_port_key key;

	line_remote(&key.destination, lines);
	line_address(key.source, lines, true);
	row = bpf_map_lookup_elem(&port_samples, &key);
	if (row)
		return row;
	bpf_map_update_elem(&port_samples, &key, &empty, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&port_samples, &key);
	if (!row)
		sample_run.folded++;
	return row;
}

static __always_inline void count_in_range(struct tw_port_sample *row, u16 port)
{
	if (port >= here.low && port <= here.high)
		row->in_range++;
}

static __always_inline bool somebody_listens(u16 port)
{
	struct tw_port key = {.netns = here.netns, .port = port};

	return bpf_map_lookup_elem(&listener_of_port, &key);
}

/* ---- TIME_WAIT ---- */

/* It lasts a minute; after a second tcp_tw_reuse may take it. */
static __always_inline bool may_be_reused(u64 sk)
{
	u32 expires = BPF_CORE_READ((struct inet_timewait_sock *)sk, tw_timer.expires);
	u32 left = jiffies_between((u32)sample_run.jiffies, expires);

	return left <= 59 * sample_run.second;
}

static __always_inline void sample_time_wait(const char *lines, u64 sk, u16 port, u32 slot)
{
	struct tw_flow_sample *flow = bpf_map_lookup_elem(&flow_samples, &slot);
	struct tw_flow *made_by = slot ? flow_at(slot) : NULL;
	bool outbound = made_by ? made_by->key.role == TW_ROLE_OUT : !somebody_listens(port);
	struct tw_port_sample *ports;

	sample_run.time_waits++;
	if (!slot)
		sample_run.strangers++;
	if (flow)
		flow->time_waits++;
	if (!outbound)
		return;
	ports = ports_of(lines);
	if (!ports)
		return;
	count_in_range(ports, port);
	ports->time_waits++;
	if (here.reuse && may_be_reused(sk))
		ports->reusable++;
}

/* FIN_WAIT2 of a closed socket is kept like a TIME_WAIT. */
static __always_inline void sample_fin_wait(const char *lines, u16 port, u32 slot)
{
	struct tw_flow_sample *flow = bpf_map_lookup_elem(&flow_samples, &slot);
	struct tw_flow *made_by = slot ? flow_at(slot) : NULL;
	struct tw_port_sample *ports;

	sample_run.fin_waits++;
	if (flow)
		flow->fin_waits++;
	if (!made_by || made_by->key.role != TW_ROLE_OUT)
		return;
	ports = ports_of(lines);
	if (ports)
		count_in_range(ports, port);
}

/* ---- full sockets ---- */

/* To itself: whoever sends takes in as well. */
static __always_inline bool is_looped(const char *lines)
{
	u8 local[16] __attribute__((aligned(8))), remote[16] __attribute__((aligned(8)));

	line_address(local, lines, true);
	line_address(remote, lines, false);
	return *(u64 *)local == *(u64 *)remote && *(u64 *)(local + 8) == *(u64 *)(remote + 8);
}

/* The majority, if there is one, is left at the end (Boyer and Moore). */
static __always_inline void sample_arrival(struct tw_flow_sample *flow, const char *lines)
{
	u32 cpu = LINE(u32, sock_common, skc_incoming_cpu);

	if (is_looped(lines))
		return;
	flow->arrived++;
	if (!flow->votes)
		flow->cpu = cpu;
	if (flow->cpu == cpu)
		flow->votes++;
	else
		flow->votes--;
}

static __always_inline void sample_client(struct tw_flow_sample *flow, struct tcp_sock *tcp,
					  u32 sent, u32 received)
{
	u64 bytes = tcp_received_bytes(tcp, RUNG_RAW);

	if (sent < sample_run.slow || bytes >= TW_SLOW_BYTES)
		return;
	if (bytes && (received > sent || sent - received < sample_run.second))
		return;
	flow->slow++;
	if (sent > flow->slow_since)
		flow->slow_since = sent;
}

static __always_inline void sample_established(struct tw_flow_sample *flow, const char *lines,
					       struct tcp_sock *tcp, u8 role)
{
	u32 now = (u32)sample_run.jiffies;
	u32 sent = jiffies_between(tcp_sent_at(tcp, RUNG_RAW), now);
	u32 received = jiffies_between(tcp_received_at(tcp, RUNG_RAW), now);

	if (sent >= sample_run.idle && received >= sample_run.idle)
		flow->idle++;
	else
		flow->active++;
	if (role == TW_ROLE_IN) {
		sample_arrival(flow, lines);
		sample_client(flow, tcp, sent, received);
	}
	if (role != TW_ROLE_OUT || tcp_received_bytes(tcp, RUNG_RAW) ||
	    !tcp_sent_bytes(tcp, RUNG_RAW))
		return;
	flow->waiting++;
	if (sent > flow->waiting_since)
		flow->waiting_since = sent;
}

static __always_inline struct tw_leak_sample *leak_of(u32 slot)
{
	static const struct tw_leak_sample empty;
	struct tw_leak_sample *row = bpf_map_lookup_elem(&leak_samples, &slot);

	if (row)
		return row;
	bpf_map_update_elem(&leak_samples, &slot, &empty, BPF_NOEXIST);
	row = bpf_map_lookup_elem(&leak_samples, &slot);
	if (!row)
		sample_run.folded++;
	return row;
}

/* Without a date: the FIN is the last thing that a peer says, as a rule. */
static __always_inline void sample_leak(const char *lines, struct tcp_sock *tcp, u32 slot,
					bool dated, u32 leaked_at)
{
	struct tw_leak_sample *row = leak_of(slot);
	u32 since, bucket;

	if (!row)
		return;
	since = jiffies_between(dated ? leaked_at : tcp_heard_at(tcp, RUNG_RAW),
				(u32)sample_run.jiffies);
	if (!row->sockets || since > row->oldest) {
		row->oldest = since;
		row->oldest_dated = dated;
		line_remote(&row->oldest_peer, lines);
	}
	row->sockets++;
	if (dated)
		row->dated++;
	bucket = tw_bucket_of(since * sample_run.tick_ns >> TW_AGE_SHIFT);
	if (bucket < TW_BUCKETS)
		row->ages[bucket]++;
}

static __always_inline void sample_full(const char *lines, u64 sk, u8 state, u16 port)
{
	struct tw_sock *entry = sock_find(sk);
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	u32 slot = entry ? entry->flow : 0;
	u8 role = entry ? entry->role : TW_ROLE_OTHER;
	struct tw_flow_sample *flow;

	if (state == TW_ESTABLISHED) {
		flow = bpf_map_lookup_elem(&flow_samples, &slot);
		if (flow)
			sample_established(flow, lines, tcp, role);
	} else if (state == TW_CLOSE_WAIT) {
		bool dated = entry && entry->flags & TW_SOCK_DATED;

		sample_leak(lines, tcp, slot, dated, dated ? entry->leaked_at : 0);
	}
	if (role == TW_ROLE_OUT || (role == TW_ROLE_OTHER && !somebody_listens(port))) {
		struct tw_port_sample *ports = ports_of(lines);

		if (ports)
			count_in_range(ports, port);
	}
}

static __always_inline void walked(const char *lines, u64 sk)
{
	u8 state = LINE(u8, sock_common, skc_state);
	u16 port = LINE(u16, sock_common, skc_num);

	if (state == TW_NEW_SYN_RECV || state == TW_LISTEN)
		return;
	sample_run.sockets++;
	come_to(LINE(u64, sock_common, skc_net.net));
	if (state == TW_TIME_WAIT) {
		u32 slot = maker_of(LINE(u32, sock_common, skc_hash), port);

		if (LINE(u8, inet_timewait_sock, tw_substate) == TW_TIME_WAIT)
			sample_time_wait(lines, sk, port, slot);
		else
			sample_fin_wait(lines, port, slot);
	} else {
		sample_full(lines, sk, state, port);
	}
}

/* Arguments: the first bucket, and how many (a multiple of WALK_HEADS). For a test run. */
SEC("?raw_tp/sample_walk")
int sample_walk(u64 *context)
{
	bool known = walk_find(&sample_run.buckets);

	if (!known || !context[1])
		return !known;
	sample_run.jiffies = bpf_jiffies64();
	return !walk_buckets(context[0], context[1], sample_run.buckets);
}

SEC("?iter/tcp")
int sample_iterate(struct bpf_iter__tcp *context)
{
	struct sock_common *any = context->sk_common;
	char lines[WALK_LINES] __attribute__((aligned(8)));

	if (!any || bpf_probe_read_kernel(lines, sizeof(lines), any))
		return 0;
	sample_run.jiffies = bpf_jiffies64();
	walked(lines, (u64)any);
	return 0;
}

char _license[] SEC("license") = "GPL";
