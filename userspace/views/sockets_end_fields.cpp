// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/sockets_fields.h"
#include "views/sockets_values.h"

namespace tcpwatch {
namespace {

using S = Snapshot;
using L = ListenerSockets;
using D = DestinationSockets;
using CL = SocketColumns<ListenerSockets>;
using CD = SocketColumns<DestinationSockets>;

Value queue_share(const L& row, const S&) {
  if (row.queue_limit == 0) return Missing{};
  return share(row.fullest, 1);
}

Tone queue_heat(const L& row, const S&) {
  return row.full ? Tone::kBad : row.fullest > 0.5 ? Tone::kWarning : Tone::kNormal;
}

Value port_share(const D& row, const S&) {
  if (!row.ports_available) return Missing{};
  return share(static_cast<double>(row.ports_used), static_cast<double>(*row.ports_available));
}

Tone port_heat(const D& row, const S&) {
  if (!row.ports_available || *row.ports_available == 0) return Tone::kNormal;
  const double used =
      static_cast<double>(row.ports_used) / static_cast<double>(*row.ports_available);
  return used >= 0.9 ? Tone::kBad : used >= 0.7 ? Tone::kWarning : Tone::kNormal;
}

// clang-format off
constexpr auto kListeners = std::to_array<Field<L>>({
    {.name = "address", .title = "LISTENER", .unit = Unit::kAddress, .help = "listening address",
     .json = "key", .rank = 0, .width = 12, .keep = 21, .value = CL::address},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number)", .json = "netns", .rank = 5, .value = CL::netns},
    {.name = "owners", .title = "OWNERS", .unit = Unit::kPids,
     .help = "processes that hold it: the first, and how many more", .json = "owners", .rank = 1,
     .value = [](const L& row, const S&) -> Value { return row.owners; }},
    {.name = "members", .title = "SOCKS", .unit = Unit::kNumber,
     .help = "listening sockets of this address (SO_REUSEPORT)", .json = "members", .rank = 4,
     .value = [](const L& row, const S&) -> Value { return row.members; }},
    {.name = "reuseport_group", .title = "", .unit = Unit::kNumber,
     .help = "number of the SO_REUSEPORT group", .json = "reuseport_group",
     .value = [](const L& row, const S&) -> Value { return optional_count(row.reuseport_group); }},
    {.name = "queue", .title = "QUEUE", .unit = Unit::kNumber,
     .help = "established connections that wait for accept()", .json = "queue.now", .rank = 0,
     .value = [](const L& row, const S&) -> Value { return row.queue; }, .tone = queue_heat},
    {.name = "limit", .title = "LIMIT", .unit = Unit::kNumber,
     .help = "most that may wait; one more is let in", .json = "queue.limit", .rank = 0,
     .value = [](const L& row, const S&) -> Value { return row.queue_limit; }},
    {.name = "backlog", .title = "", .unit = Unit::kNumber,
     .help = "what listen() asked for; unknown where somaxconn capped it",
     .json = "queue.listen_backlog",
     .value = [](const L& row, const S&) -> Value { return optional_count(row.backlog); }},
    {.name = "somaxconn", .title = "SOMAXCONN", .unit = Unit::kNumber,
     .help = "the namespace's cap on every listen()", .json = "queue.somaxconn", .rank = 6,
     .value = [](const L& row, const S&) -> Value { return optional_count(row.somaxconn); }},
    {.name = "queue_share", .title = "FULL", .unit = Unit::kShare,
     .help = "queue against full (limit + 1), of the fullest of its sockets", .rank = 2, .width = 4, .value = queue_share, .tone = queue_heat},
    {.name = "half_open", .title = "HALFOPEN", .unit = Unit::kNumber,
     .help = "handshakes under way", .json = "syn_queue", .rank = 2,
     .value = [](const L& row, const S&) -> Value { return row.half_open; }},
    {.name = "drops", .title = "DROPS", .unit = Unit::kNumber,
     .help = "all drops of these sockets since they exist", .json = "drops", .rank = 3,
     .value = [](const L& row, const S&) -> Value { return row.drops; }},
    {.name = "states", .title = "", .help = "its connections by state, itself as LISTEN",
     .json = "states", .value = CL::states},
    {.name = "total", .title = "", .help = "itself and its connections in any state",
     .json = "total", .value = CL::total},
    {.name = "established", .title = "ESTAB", .unit = Unit::kNumber,
     .help = "its connections that are established", .rank = 1,
     .value = CL::in_state<TW_ESTABLISHED>},
    {.name = "close_wait", .title = "CWAIT", .unit = Unit::kNumber,
     .help = "the client has closed, the program has not", .rank = 3,
     .value = CL::in_state<TW_CLOSE_WAIT>, .tone = CL::leak_heat},
    {.name = "closing", .title = "CLOSING", .unit = Unit::kNumber,
     .help = "FIN_WAIT1, FIN_WAIT2, CLOSING or LAST_ACK", .rank = 5, .value = CL::closing},
    {.name = "time_wait", .title = "TWAIT", .unit = Unit::kNumber,
     .help = "in TIME_WAIT on this side", .rank = 3, .value = CL::in_state<TW_TIME_WAIT>},
});

constexpr auto kDestinations = std::to_array<Field<D>>({
    {.name = "address", .title = "DESTINATION", .unit = Unit::kAddress, .help = "remote address",
     .json = "key", .rank = 0, .width = 12, .keep = 21, .value = CD::address},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number)", .json = "netns", .rank = 6, .value = CD::netns},
    {.name = "workers", .title = "WORKERS", .unit = Unit::kPids,
     .help = "processes with sockets to it: the first, and how many more", .json = "workers",
     .rank = 1, .value = [](const D& row, const S&) -> Value { return row.workers; }},
    {.name = "states", .title = "", .help = "sockets by state", .json = "states",
     .value = CD::states},
    {.name = "total", .title = "TOTAL", .unit = Unit::kNumber, .help = "sockets in any state",
     .json = "total", .rank = 0, .value = CD::total},
    {.name = "established", .title = "ESTAB", .unit = Unit::kNumber, .help = "established",
     .rank = 1, .value = CD::in_state<TW_ESTABLISHED>},
    {.name = "idle", .title = "IDLE", .unit = Unit::kNumber,
     .help = "established, without data either way for --idle", .json = "idle", .rank = 4,
     .value = CD::idle},
    {.name = "waiting", .title = "WAITING", .unit = Unit::kNumber,
     .help = "established, has sent something and never received anything", .json = "waiting",
     .rank = 3, .value = CD::waiting},
    {.name = "waiting_since", .title = "LONGEST", .unit = Unit::kSeconds,
     .help = "the longest of these waits: since it last sent", .json = "waiting_since", .rank = 4,
     .value = CD::waiting_since},
    {.name = "syn_sent", .title = "SYNSENT", .unit = Unit::kNumber, .help = "connecting",
     .rank = 2, .value = CD::in_state<TW_SYN_SENT>},
    {.name = "close_wait", .title = "CWAIT", .unit = Unit::kNumber,
     .help = "it has closed, the program has not", .rank = 2,
     .value = CD::in_state<TW_CLOSE_WAIT>, .tone = CD::leak_heat},
    {.name = "oldest_close_wait", .title = "", .unit = Unit::kSeconds,
     .help = "age of the oldest CLOSE_WAIT: since its peer's last segment",
     .json = "oldest_close_wait", .value = CD::close_wait_age, .estimated = CD::guessed},
    {.name = "closing", .title = "CLOSING", .unit = Unit::kNumber,
     .help = "FIN_WAIT1, FIN_WAIT2, CLOSING or LAST_ACK", .rank = 5, .value = CD::closing},
    {.name = "time_wait", .title = "TWAIT", .unit = Unit::kNumber, .help = "TIME_WAIT",
     .json = "ports.time_wait", .rank = 1, .value = CD::in_state<TW_TIME_WAIT>},
    {.name = "ports_used", .title = "PORTS", .unit = Unit::kNumber,
     .help = "source ports of the range in use, on the fullest local address",
     .json = "ports.used", .rank = 0,
     .value = [](const D& row, const S&) { return CD::if_looked(row, row.ports_used); }, .tone = port_heat},
    {.name = "ports_available", .title = "OF", .unit = Unit::kNumber,
     .help = "source ports that connect() may choose: the range less the reserved ones",
     .json = "ports.available", .rank = 0,
     .value = [](const D& row, const S&) -> Value { return optional_count(row.ports_available); }},
    {.name = "port_share", .title = "USED", .unit = Unit::kShare, .help = "of them, in use",
     .rank = 1, .width = 4, .value = port_share, .tone = port_heat},
    {.name = "ports_reusable", .title = "REUSABLE", .unit = Unit::kNumber,
     .help = "of those in use, TIME_WAIT that tcp_tw_reuse lets connect() take again",
     .json = "ports.reusable", .rank = 4,
     .value = [](const D& row, const S&) { return CD::if_looked(row, row.ports_reusable); }},
    {.name = "exhausted_in", .title = "LEFT", .unit = Unit::kSeconds,
     .help = "at the present rate, time until the ports are used up (--watch)",
     .json = "ports.exhausted_in", .rank = 3,
     .value = [](const D& row, const S&) -> Value { return seconds(row.exhausted_in); },
     .estimated = [](const D&) { return true; }},
    {.name = "sources", .title = "SOURCES", .unit = Unit::kNumber,
     .help = "local addresses in use; each has a range of ports of its own",
     .json = "ports.sources", .rank = 5,
     .value = [](const D& row, const S&) -> Value { return row.sources; }},
});
// clang-format on

}  // namespace

std::span<const Field<ListenerSockets>> listener_row_fields() { return kListeners; }
std::span<const Field<DestinationSockets>> destination_row_fields() { return kDestinations; }

}  // namespace tcpwatch
