// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/fields.h"
#include "views/traffic_fields.h"

namespace tcpwatch {
namespace {

using L = Listener;
using S = Snapshot;
using K = Looked<Listener>;

Tone queue_heat(std::uint32_t length, std::uint32_t limit) {
  if (length > limit) return Tone::kBad;
  return limit != 0 && length >= limit / 2 ? Tone::kWarning : Tone::kNormal;
}

Tone now_heat(const L& row, const S&) { return queue_heat(row.queue_now, row.queue_limit); }
Tone peak_heat(const L& row, const S&) { return queue_heat(row.queue_peak, row.queue_limit); }
Tone syn_heat(const L& row, const S&) {
  return row.overflows_delta.syn != 0 ? Tone::kBad : Tone::kNormal;
}
Tone ack_heat(const L& row, const S&) {
  return row.overflows_delta.ack != 0 ? Tone::kBad : Tone::kNormal;
}
Tone life(const L& row, const S&) { return row.closed ? Tone::kDim : Tone::kNormal; }

bool estimated(const L& row) { return !row.overflows_exact; }

// What one more connection finds: a queue is full when it is longer than its limit.
Value filled(const L& row, const S&) {
  return share(row.queue_peak, static_cast<double>(row.queue_limit) + 1);
}

template <int Percent>
Value wait(const L& row, const S&) {
  return seconds(row.accept_wait_delta.quantile(Percent / 100.0));
}

constexpr auto kEstimated = Unwatched::kEstimated;

// clang-format off
constexpr auto kFields = std::to_array<Field<L>>({
    {.name = "address", .title = "ADDRESS", .unit = Unit::kAddress,
     .help = "local address and port", .json = "address", .rank = 0, .width = 12, .keep = 21,
     .value = [](const L& row, const S&) -> Value { return row.address; }, .tone = life},
    {.name = "comm", .title = "OWNER", .unit = Unit::kText,
     .help = "name of the process that called listen()", .json = "comm", .rank = 0, .width = 5,
     .keep = 10, .value = [](const L& row, const S&) -> Value { return row.comm; }, .tone = life},
    {.name = "owners", .title = "PIDS", .unit = Unit::kPids,
     .help = "processes: who called listen(), then who accepts", .json = "owners", .rank = 4,
     .value = [](const L& row, const S&) -> Value { return row.owners; }},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number)", .json = "netns", .rank = 9,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.netns}; }},
    {.name = "group", .title = "GROUP", .unit = Unit::kNumber,
     .help = "listeners with the same number share a port (SO_REUSEPORT)",
     .json = "reuseport_group", .signal = "listener_queues", .rank = 6,
     .value = [](const L& row, const S&) -> Value { return optional_count(row.reuseport_group); }},
    {.name = "queue", .title = "QUEUE", .unit = Unit::kNumber,
     .help = "connections that wait for accept() now", .json = "queue.now",
     .signal = "listener_queues", .unwatched = kEstimated, .rank = 0,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.queue_now}; },
     .tone = now_heat},
    {.name = "peak", .title = "PEAK", .unit = Unit::kNumber,
     .help = "the longest queue of the interval", .json = "queue.peak", .signal = "states",
     .rank = 0,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.queue_peak}; },
     .tone = peak_heat},
    {.name = "limit", .title = "LIMIT", .unit = Unit::kNumber,
     .help = "the longest queue that may be: it is full at limit + 1", .json = "queue.limit",
     .rank = 0,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.queue_limit}; }},
    {.name = "listen_backlog", .title = "BACKLOG", .unit = Unit::kNumber,
     .help = "the backlog asked for in listen(), where it is below somaxconn",
     .json = "queue.listen_backlog", .rank = 8,
     .value = [](const L& row, const S&) -> Value { return optional_count(row.listen_backlog); }},
    {.name = "somaxconn", .title = "MAX", .unit = Unit::kNumber,
     .help = "net.core.somaxconn of the namespace: listen() asks for no more",
     .json = "queue.somaxconn", .rank = 8,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.somaxconn}; }},
    {.name = "full", .title = "FULL", .unit = Unit::kShare, .help = "the peak against a full queue",
     .signal = "states", .rank = 5, .meter = true, .value = filled, .tone = peak_heat},
    {.name = "syn_drops", .title = "SYNDROP", .unit = Unit::kRate,
     .help = "SYNs refused per second because the queue was full", .json = "overflows.syn",
     .signal = "overflow_syn", .rank = 0,
     .value = [](const L& row, const S&) -> Value { return row.overflows_delta.syn; },
     .tone = syn_heat, .estimated = estimated},
    {.name = "ack_drops", .title = "ACKDROP", .unit = Unit::kRate,
     .help = "last packets of handshakes dropped per second because the queue was full",
     .json = "overflows.ack", .signal = "overflow_ack", .rank = 0,
     .value = [](const L& row, const S&) -> Value { return row.overflows_delta.ack; },
     .tone = ack_heat},
    {.name = "drops_exact", .title = "", .unit = Unit::kFlag,
     .help = "whether the drops of this interval are exact", .json = "overflows.exact",
     .value = [](const L& row, const S&) -> Value { return row.overflows_exact; }},
    {.name = "other_drops", .title = "OTHER", .unit = Unit::kRate,
     .help = "drops of this listener for another reason, per second", .json = "other_drops",
     .signal = "listener_queues", .rank = 7,
     .value = [](const L& row, const S&) -> Value { return row.other_drops_delta; },
     .estimated = estimated},
    {.name = "accepts", .title = "ACC/S", .unit = Unit::kRate, .help = "connections accepted",
     .json = "accepts", .signal = "listener_queues", .unwatched = kEstimated, .rank = 0, .width = 5,
     .value = [](const L& row, const S&) -> Value { return row.accepts_delta; }},
    {.name = "syn_queue", .title = "SYNQ", .help = "half-open connections now", .json = "syn_queue",
     .signal = "listener_queues", .rank = 3,
     .value = [](const L& row, const S&) -> Value { return std::uint64_t{row.syn_queue}; }},
    {.name = "cookies", .title = "", .help = "SYN cookies sent; known for namespaces only",
     .json = "cookies_sent", .value = [](const L&, const S&) -> Value { return Missing{}; }},
    {.name = "wait_p50", .title = "WAITP50", .unit = Unit::kSeconds,
     .help = "median wait in the queue, of all that accept from this address",
     .json = "accept_wait_seconds.p50", .signal = "accepts", .rank = kOnRequest,
     .value = wait<50>},
    {.name = "wait_p99", .title = "WAIT", .unit = Unit::kSeconds,
     .help = "99th percentile of the wait in the queue, of all that accept from this address",
     .json = "accept_wait_seconds.p99", .signal = "accepts", .rank = 1, .width = 6,
     .value = wait<99>},
    {.name = "wait_max", .title = "WAITMAX", .unit = Unit::kSeconds,
     .help = "longest wait in the queue, of all that accept from this address",
     .json = "accept_wait_seconds.max", .signal = "accepts",
     .rank = kOnRequest, .value = [](const L& row, const S&) -> Value { return seconds(row.accept_wait_delta.max()); }},
    {.name = "active", .title = "ACTIVE",
     .help = "established connections of its address, data came or went within the last minute",
     .json = "active", .signal = "socket_table", .rank = kOnRequest,
     .value = K::count<&SocketFacts::active>},
    {.name = "idle", .title = "IDLE",
     .help = "established connections of its address, without data for a minute", .json = "idle",
     .signal = "socket_table", .rank = kOnRequest, .value = K::count<&SocketFacts::idle>},
    {.name = "closed", .title = "", .unit = Unit::kFlag,
     .help = "whether the listener was closed in this interval", .json = "closed",
     .value = [](const L& row, const S&) -> Value { return row.closed; }},
});
// clang-format on

}  // namespace

std::span<const Field<Listener>> listener_fields() { return kFields; }

}  // namespace tcpwatch
