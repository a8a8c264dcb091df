// SPDX-License-Identifier: Apache-2.0
//
// The layout of the ABI, written out. When one of these tests fails, the meaning of old captures
// changes: raise TW_ABI_VERSION, then put the text that the test prints in place of the old one.
#include "tcpwatch/abi.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>

#include "base/names.h"

namespace tcpwatch {
namespace {

// No implicit padding: every bit of these belongs to a field.
template <typename... T>
constexpr bool kPacked = (std::has_unique_object_representations_v<T> && ...);
static_assert(kPacked<tw_endpoint, tw_flow_key, tw_flow, tw_listener, tw_header>);
static_assert(kPacked<tw_connect, tw_closed, tw_drops, tw_step_record, tw_host, tw_hook>);
static_assert(kPacked<tw_flow_record, tw_listener_record, tw_gone, tw_netns, tw_process>);
static_assert(kPacked<tw_loss, tw_tick, tw_self, tw_sample, tw_sockets>);
static_assert(kPacked<tw_close_waits, tw_ports, tw_inbound, tw_conntrack, tw_nginx, tw_activity,
                      tw_steering>);

// Records follow each other in buffers that are 8-byte aligned.
template <typename... T>
constexpr bool kAligned = ((sizeof(T) % 8 == 0 && alignof(T) == 8) && ...);
static_assert(kAligned<tw_connect, tw_closed, tw_drops, tw_step_record, tw_host, tw_hook>);
static_assert(kAligned<tw_flow_record, tw_listener_record, tw_gone, tw_netns, tw_process>);
static_assert(kAligned<tw_loss, tw_tick, tw_self, tw_sample, tw_sockets>);
static_assert(kAligned<tw_close_waits, tw_ports, tw_inbound, tw_conntrack, tw_nginx, tw_activity,
                       tw_steering>);

// LAYOUT(type, fields...): "type size: field@offset ...". The rest is the preprocessor's idiom for
// "for each argument".
#define EXPAND(...) EXPAND3(EXPAND3(EXPAND3(EXPAND3(__VA_ARGS__))))
#define EXPAND3(...) EXPAND2(EXPAND2(EXPAND2(EXPAND2(__VA_ARGS__))))
#define EXPAND2(...) EXPAND1(EXPAND1(EXPAND1(EXPAND1(__VA_ARGS__))))
#define EXPAND1(...) __VA_ARGS__
#define PARENTHESES ()
#define FIELDS_AGAIN() FIELDS
#define FIELDS(type, field, ...)                        \
  +fmt::format(" {}@{}", #field, offsetof(type, field)) \
      __VA_OPT__(FIELDS_AGAIN PARENTHESES(type, __VA_ARGS__))
#define LAYOUT(type, ...) \
  (fmt::format("{} {}:", #type, sizeof(type)) EXPAND(FIELDS(type, __VA_ARGS__)) + "\n")

std::string structures() {
  return LAYOUT(tw_endpoint, address, port, netns) + LAYOUT(tw_flow_key, worker, peer, role) +
         LAYOUT(tw_flow, key, comm, attempts, accepts, failures, steps, sum_ns, histogram) +
         LAYOUT(tw_listener, sk, address, owner, comm, children, aborted, accepts, overflows_syn,
                overflows_ack, last_story_ns, reuseport, queue_at_start, drops_at_start, queue_now,
                queue_peak, queue_limit, syn_queue, drops, closed, flow_listen, flow_queue) +
         LAYOUT(tw_header, size, kind, time) +
         LAYOUT(tw_connect, worker, local, remote, duration_ns, kernel_ns, reason, error, comm) +
         LAYOUT(tw_closed, worker, local, remote, lifetime_ns, bytes_in, bytes_out, srtt_us,
                retransmits, error, role, last_state, comm) +
         LAYOUT(tw_drops, listener, owner, overflows_syn, overflows_ack, queue_now, queue_limit,
                comm) +
         LAYOUT(tw_step_record, sk, worker, local, remote, from, to, role, error) +
         LAYOUT(tw_host, realtime_ns, abi_version, cpus, hostname, kernel, version) +
         LAYOUT(tw_hook, chosen, exact, order, skipped, signal, mechanism, target, note) +
         LAYOUT(tw_flow_record, slot, flow) +
         LAYOUT(tw_listener_record, slot, somaxconn, listener) + LAYOUT(tw_gone, slot) +
         LAYOUT(tw_netns, netns, time_wait, active_opens, passive_opens, attempt_fails,
                estab_resets, listen_overflows, listen_drops, reqq_full_drop, cookies_sent,
                cookies_received, cookies_failed, out_no_routes) +
         LAYOUT(tw_process, worker, fds_open, fds_limit, alive, comm, cmdline, cgroup) +
         LAYOUT(tw_loss, lost, untold, folded, untracked) + LAYOUT(tw_tick, header) +
         LAYOUT(tw_self, cpu_ns) +
         LAYOUT(tw_sample, cost_ns, interval_ns, sockets, time_waits, strangers, fin_waits,
                partial) +
         LAYOUT(tw_sockets, key, active, idle, waiting, time_waits, fin_waits, waiting_ns) +
         LAYOUT(tw_close_waits, key, sockets, dated, oldest_ns, oldest_peer, oldest_dated, ages) +
         LAYOUT(tw_ports, destination, used, available, reusable, time_waits, sources) +
         LAYOUT(tw_inbound, key, slow, arrived, cpu, on_cpu, slow_ns) +
         LAYOUT(tw_conntrack, netns, count, max, dropped, early_dropped) +
         LAYOUT(tw_nginx, server, accepts, handled, requests, active, reading, writing, waiting) +
         LAYOUT(tw_activity, pid, parent, looked_ns, ran_ns, waited_ns, periods, throttled, limit,
                cpus, cpu, runnable, rival, rival_share, rival_realtime, state, rival_comm,
                wait_channel, group) +
         LAYOUT(tw_steering, netns, cpu, packets, packets_cpu, queues, unspread, to_cpu, queue);
}

// Lines of at most 98 columns, as they stand below.
std::string folded(const std::string& text) {
  std::string result;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t word = std::min(text.find_first_of(" \n", at + 1), text.size()) - at;
    const bool full = text[at] == ' ' && column + word > 98;
    result += full ? '\n' : text[at];
    column = full || text[at] == '\n' ? 0 : column + 1;
  }
  return result;
}

#define NUMBER(name) fmt::format("{} {}\n", #name, static_cast<unsigned>(name))

std::string words() {
  std::string text = NUMBER(TW_BUCKETS) + NUMBER(TW_BUCKETS_PER_OCTAVE) + NUMBER(TW_TIMINGS) +
                     NUMBER(TW_COMM) + NUMBER(TW_REASONS) + NUMBER(TW_KIND_LIMIT);
  text += "kinds";
  for (unsigned kind = 0; kind < TW_KIND_LIMIT; ++kind) {
    if (kind_name(kind) != "OTHER") text += fmt::format(" {}={}", kind, kind_name(kind));
  }
  text += "\nroles";
  for (unsigned role = TW_ROLE_OUT; role < TW_ROLES; ++role) {
    text += fmt::format(" {}={}", role, role_name(role));
  }
  text += "\nreasons";
  for (unsigned reason = 0; reason <= TW_REASON_OTHER; ++reason) {
    text += fmt::format(" {}={}", reason, reason_name(reason));
  }
  text += "\nstates";
  for (unsigned state = 0; state < TW_STATES; ++state) {
    text += fmt::format(" {}={}", state, state_name(state));
  }
  text += "\nsteps";
  for (unsigned step = 0; step < TW_STEP_OTHER; ++step) {
    text += fmt::format(" {}={}", step, step_name(step));
  }
  return text + '\n';
}

constexpr const char* kStructuresOfVersion6 = R"(
tw_endpoint 24: address@0 port@16 netns@20
tw_flow_key 40: worker@0 peer@8 role@32
tw_flow 1920: key@0 comm@40 attempts@56 accepts@416 failures@448 steps@64 sum_ns@424 histogram@576
tw_listener 192: sk@0 address@8 owner@32 comm@40 children@64 aborted@72 accepts@128
overflows_syn@80 overflows_ack@88 last_story_ns@96 reuseport@136 queue_at_start@144
drops_at_start@148 queue_now@104 queue_peak@108 queue_limit@112 syn_queue@116 drops@120 closed@124
flow_listen@56 flow_queue@60
tw_header 16: size@0 kind@4 time@8
tw_connect 112: worker@16 local@24 remote@48 duration_ns@72 kernel_ns@80 reason@88 error@92
comm@96
tw_closed 128: worker@16 local@24 remote@48 lifetime_ns@72 bytes_in@80 bytes_out@88 srtt_us@96
retransmits@100 error@104 role@108 last_state@109 comm@112
tw_drops 88: listener@16 owner@40 overflows_syn@48 overflows_ack@56 queue_now@64 queue_limit@68
comm@72
tw_step_record 88: sk@16 worker@24 local@32 remote@56 from@80 to@81 role@82 error@84
tw_host 192: realtime_ns@16 abi_version@24 cpus@28 hostname@32 kernel@96 version@160
tw_hook 272: chosen@16 exact@17 order@18 skipped@20 signal@24 mechanism@48 target@64 note@112
tw_flow_record 1944: slot@16 flow@24
tw_listener_record 216: slot@16 somaxconn@20 listener@24
tw_gone 24: slot@16
tw_netns 112: netns@16 time_wait@20 active_opens@24 passive_opens@32 attempt_fails@40
estab_resets@48 listen_overflows@56 listen_drops@64 reqq_full_drop@72 cookies_sent@80
cookies_received@88 cookies_failed@96 out_no_routes@104
tw_process 440: worker@16 fds_open@24 fds_limit@28 alive@32 comm@40 cmdline@56 cgroup@184
tw_loss 544: lost@16 untold@520 folded@528 untracked@536
tw_tick 16: header@0
tw_self 24: cpu_ns@16
tw_sample 56: cost_ns@16 interval_ns@24 sockets@32 time_waits@40 strangers@44 fin_waits@48
partial@52
tw_sockets 88: key@16 active@56 idle@60 waiting@64 time_waits@68 fin_waits@72 waiting_ns@80
tw_close_waits 536: key@16 sockets@56 dated@60 oldest_ns@64 oldest_peer@72 oldest_dated@96
ages@104
tw_ports 64: destination@16 used@40 available@44 reusable@48 time_waits@52 sources@56
tw_inbound 80: key@16 slow@56 arrived@60 cpu@64 on_cpu@68 slow_ns@72
tw_conntrack 48: netns@16 count@20 max@24 dropped@32 early_dropped@40
tw_nginx 80: server@16 accepts@40 handled@48 requests@56 active@64 reading@68 writing@72
waiting@76
tw_activity 256: pid@16 parent@20 looked_ns@24 ran_ns@32 waited_ns@40 periods@48 throttled@52
limit@56 cpus@60 cpu@64 runnable@68 rival@72 rival_share@76 rival_realtime@80 state@81
rival_comm@88 wait_channel@104 group@144
tw_steering 88: netns@16 cpu@20 packets@24 packets_cpu@32 queues@40 unspread@44 to_cpu@48 queue@56
)";

constexpr const char* kWordsOfVersion6 = R"(
TW_BUCKETS 108
TW_BUCKETS_PER_OCTAVE 4
TW_TIMINGS 3
TW_COMM 16
TW_REASONS 16
TW_KIND_LIMIT 64
kinds 1=connect 2=closed 3=drops 4=step 16=host 17=hook 18=flow 19=flow-gone 20=listener
21=listener-gone 22=netns 23=process 24=loss 25=tick 26=self 27=sample 28=sockets 29=close-waits
30=ports 31=inbound 32=conntrack 33=nginx 34=activity 35=steering
roles 1=out 2=in 3=queue 4=listen 5=other 6=descriptors
reasons 0=NONE 1=EADDRNOTAVAIL 2=ETIMEDOUT 3=ECONNREFUSED 4=EHOSTUNREACH 5=ENETUNREACH
6=ECONNRESET 7=ABANDONED 8=EPERM 9=EACCES 10=EINVAL 11=ENOBUFS 12=EADDRINUSE 13=UNKNOWN 14=OTHER
states 0=OUTSIDE 1=ESTABLISHED 2=SYN_SENT 3=SYN_RECV 4=FIN_WAIT1 5=FIN_WAIT2 6=TIME_WAIT 7=CLOSE
8=CLOSE_WAIT 9=LAST_ACK 10=LISTEN 11=CLOSING 12=NEW_SYN_RECV
steps 0=CLOSE>SYN_SENT 1=SYN_SENT>ESTABLISHED 2=ESTABLISHED>FIN_WAIT1 3=FIN_WAIT1>FIN_WAIT2
4=FIN_WAIT2>CLOSE 5=ESTABLISHED>CLOSE_WAIT 6=CLOSE_WAIT>LAST_ACK 7=LAST_ACK>CLOSE
8=LISTEN>SYN_RECV 9=SYN_RECV>ESTABLISHED 10=ESTABLISHED>OUTSIDE 11=OUTSIDE>ESTABLISHED
12=CLOSE_WAIT>OUTSIDE 13=OUTSIDE>CLOSE_WAIT 14=FIN_WAIT1>CLOSING 15=CLOSING>CLOSE
16=SYN_SENT>CLOSE 17=ESTABLISHED>CLOSE 18=FIN_WAIT1>CLOSE 19=CLOSE_WAIT>CLOSE 20=SYN_RECV>CLOSE
21=SYN_RECV>FIN_WAIT1 22=SYN_RECV>CLOSE_WAIT 23=SYN_SENT>SYN_RECV 24=CLOSE>LISTEN 25=LISTEN>CLOSE
26=CLOSE>ESTABLISHED 27=OUTSIDE>SYN_SENT 28=OUTSIDE>SYN_RECV 29=OUTSIDE>FIN_WAIT1
30=OUTSIDE>FIN_WAIT2 31=OUTSIDE>LAST_ACK 32=OUTSIDE>LISTEN 33=OUTSIDE>CLOSING 34=OUTSIDE>CLOSE
35=SYN_SENT>OUTSIDE 36=SYN_RECV>OUTSIDE 37=FIN_WAIT1>OUTSIDE 38=FIN_WAIT2>OUTSIDE
39=LAST_ACK>OUTSIDE 40=LISTEN>OUTSIDE 41=CLOSING>OUTSIDE 42=CLOSE>OUTSIDE
)";

TEST(Abi, LayoutBelongsToItsVersion) {
  ASSERT_EQ(TW_ABI_VERSION, 6);
  EXPECT_EQ(folded(structures()), kStructuresOfVersion6 + 1);
}

TEST(Abi, NumbersBelongToItsVersion) {
  ASSERT_EQ(TW_ABI_VERSION, 6);
  EXPECT_EQ(folded(words()), kWordsOfVersion6 + 1);
}

// The kernel gives comm with its NUL, in as many bytes.
TEST(Abi, CommIsTheKernels) { EXPECT_EQ(TW_COMM, 16); }

}  // namespace
}  // namespace tcpwatch
