// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/fields.h"
#include "views/traffic_fields.h"

namespace tcpwatch {
namespace {

using D = Destination;
using S = Snapshot;
using C = Connecting<Destination>;
using K = Looked<Destination>;

template <std::uint64_t Ports::* Count>
Value ports(const D& row, const S&) {
  return row.ports ? Value((*row.ports).*Count) : Value(Missing{});
}

Value available(const D& row, const S&) {
  return row.ports ? optional_count(row.ports->available) : Missing{};
}

double used_share(const D& row) {
  if (!row.ports || !row.ports->available || *row.ports->available == 0) return 0;
  return static_cast<double>(row.ports->used) / static_cast<double>(*row.ports->available);
}

Value port_share(const D& row, const S&) {
  return row.ports && row.ports->available ? Value(used_share(row)) : Value(Missing{});
}

Tone port_heat(const D& row, const S&) {
  return used_share(row) >= 0.9   ? Tone::kBad
         : used_share(row) >= 0.7 ? Tone::kWarning
                                  : Tone::kNormal;
}

Value exhausted_in(const D& row, const S&) {
  return row.ports ? seconds(row.ports->exhausted_in) : Missing{};
}

// clang-format off
constexpr auto kFields = std::to_array<Field<D>>({
    {.name = "address", .title = "ADDRESS", .unit = Unit::kAddress,
     .help = "remote address and port", .json = "address", .rank = 0, .width = 12, .keep = 21,
     .value = [](const D& row, const S&) -> Value { return row.address; }},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number)", .json = "netns", .rank = 9,
     .value = [](const D& row, const S&) -> Value { return std::uint64_t{row.netns}; }},
    kConnects<D>, kFails<D>, kReason<D>,
    {.name = "connect_p50", .title = "P50", .unit = Unit::kSeconds,
     .help = "median time from connect() to established", .json = "connect_seconds.p50",
     .signal = "states", .rank = 3, .width = 6, .value = C::Connect::p50},
    {.name = "connect_p99", .title = "P99", .unit = Unit::kSeconds,
     .help = "99th percentile of the time from connect() to established",
     .json = "connect_seconds.p99", .signal = "states", .rank = 1, .width = 6,
     .value = C::Connect::p99},
    {.name = "connect_max", .title = "MAX", .unit = Unit::kSeconds,
     .help = "longest time from connect() to established", .json = "connect_seconds.max",
     .signal = "states", .rank = 6, .width = 6, .value = C::Connect::max},
    {.name = "kernel", .title = "KERNEL", .unit = Unit::kShare,
     .help = "share of one CPU that the kernel spends in connect(), looking for a source port",
     .signal = "connect_kernel_time", .rank = 1, .value = C::kernel_share, .tone = C::kernel_heat},
    {.name = "kernel_p99", .title = "KRN-P99", .unit = Unit::kSeconds,
     .help = "99th percentile of the port search in one connect()",
     .json = "connect_kernel_seconds.p99", .signal = "connect_kernel_time", .rank = 5,
     .value = C::Kernel::p99},
    {.name = "kernel_sum", .title = "", .unit = Unit::kSeconds, .help = "time of all port searches",
     .json = "connect_kernel_seconds.sum", .signal = "connect_kernel_time",
     .value = C::Kernel::sum},
    {.name = "established", .title = "ESTAB", .help = "sockets now established",
     .json = "states.ESTABLISHED", .signal = "states", .rank = 2,
     .value = C::in_state<TW_ESTABLISHED>},
    {.name = "syn_sent", .title = "SYNSENT", .help = "sockets in SYN_SENT: no answer yet",
     .json = "states.SYN_SENT", .signal = "states", .rank = 4, .value = C::in_state<TW_SYN_SENT>},
    {.name = "close_wait", .title = "CWAIT",
     .help = "sockets in CLOSE_WAIT: the peer has closed, the program has not",
     .json = "states.CLOSE_WAIT", .signal = "states", .rank = 6,
     .value = C::in_state<TW_CLOSE_WAIT>},
    {.name = "ports_used", .title = "PORTS",
     .help = "source ports in use towards it, on the local address that uses most",
     .json = "ports.used", .signal = "socket_table", .rank = 6, .value = ports<&Ports::used>,
     .tone = port_heat},
    {.name = "ports_available", .title = "OF",
     .help = "source ports that connect() may choose: the range less the reserved ones",
     .json = "ports.available", .signal = "socket_table", .rank = 6, .value = available},
    {.name = "port_share", .title = "PORT%", .unit = Unit::kShare,
     .help = "source ports in use against those that there are", .signal = "socket_table",
     .rank = 2, .meter = true, .value = port_share, .tone = port_heat},
    {.name = "ports_reusable", .title = "REUSABLE",
     .help = "of those in use, TIME_WAIT that tcp_tw_reuse lets connect() take again",
     .json = "ports.reusable", .signal = "socket_table", .rank = kOnRequest,
     .value = ports<&Ports::reusable>},
    {.name = "time_wait", .title = "TWAIT",
     .help = "sockets to it in TIME_WAIT, whoever made them", .json = "ports.time_wait",
     .signal = "socket_table", .rank = 6, .value = ports<&Ports::time_waits>},
    {.name = "port_sources", .title = "SOURCES",
     .help = "local addresses in use; each has a range of ports of its own",
     .json = "ports.sources", .signal = "socket_table", .rank = kOnRequest,
     .value = ports<&Ports::sources>},
    {.name = "exhausted_in", .title = "OUT-IN", .unit = Unit::kSeconds,
     .help = "until no source port is left, at the present rate", .json = "ports.exhausted_in",
     .signal = "socket_table", .rank = 6, .value = exhausted_in,
     .estimated = [](const D&) { return true; }},
    {.name = "waiting", .title = "WAITING",
     .help = "established, has sent something and never received anything", .json = "waiting",
     .signal = "socket_table", .rank = 7, .value = K::count<&SocketFacts::waiting>},
    {.name = "waiting_since", .title = "LONGEST", .unit = Unit::kSeconds,
     .help = "the longest of these waits for a first byte: since it last sent",
     .json = "waiting_since", .signal = "socket_table", .rank = 7, .value = K::waiting_since},
    {.name = "active", .title = "ACTIVE",
     .help = "established, data came or went within the last minute", .json = "active",
     .signal = "socket_table", .rank = kOnRequest, .value = K::count<&SocketFacts::active>},
    {.name = "idle", .title = "IDLE", .help = "established, without data for a minute",
     .json = "idle", .signal = "socket_table", .rank = kOnRequest,
     .value = K::count<&SocketFacts::idle>},
    {.name = "workers", .title = "WORKERS", .unit = Unit::kPids,
     .help = "processes that connect to it, most connects first", .json = "workers", .rank = 4,
     .value = [](const D& row, const S&) -> Value { return row.workers; }},
});
// clang-format on

}  // namespace

std::span<const Field<Destination>> destination_fields() { return kFields; }

}  // namespace tcpwatch
