// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/fields.h"
#include "views/traffic_fields.h"

namespace tcpwatch {
namespace {

using D = Destination;
using S = Snapshot;
using C = Connecting<Destination>;

constexpr auto kEstimated = Unwatched::kEstimated;

// clang-format off
constexpr auto kFields = std::to_array<Field<D>>({
    {.name = "address", .title = "ADDRESS", .unit = Unit::kAddress,
     .help = "remote address and port", .json = "address", .rank = 0, .width = 12, .keep = 21,
     .value = [](const D& row, const S&) -> Value { return row.address; }},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number)", .json = "netns", .rank = 9,
     .value = [](const D& row, const S&) -> Value { return std::uint64_t{row.netns}; }},
    {.name = "connects", .title = "CONN/S", .unit = Unit::kRate,
     .help = "connects begun, whatever their outcome", .json = "connects", .signal = "states",
     .rank = 0, .value = C::connects},
    {.name = "fails", .title = "FAIL/S", .unit = Unit::kRate, .help = "connects that failed",
     .signal = "connect_errors", .unwatched = kEstimated, .rank = 0, .value = C::failed,
     .tone = C::failing},
    {.name = "reason", .title = "REASON", .unit = Unit::kReasons,
     .help = "why connects failed: the leading reason, and how many others",
     .json = "connect_failures", .signal = "connect_errors", .unwatched = kEstimated, .rank = 0,
     .width = 13, .keep = 16, .value = C::failures, .tone = C::failing},
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
    {.name = "ports_used", .title = "PORTS", .help = "source ports in use towards this destination",
     .json = "ports.used", .rank = 6, .value = C::unknown},
    {.name = "ports_available", .title = "OF", .help = "source ports that there are",
     .json = "ports.available", .rank = 6, .value = C::unknown},
    {.name = "port_share", .title = "PORT%", .unit = Unit::kShare,
     .help = "source ports in use against those that there are", .rank = 6, .meter = true,
     .value = C::unknown},
    {.name = "time_wait", .title = "TWAIT", .help = "source ports held by sockets in TIME_WAIT",
     .json = "ports.time_wait", .rank = 6, .value = C::unknown},
    {.name = "exhausted_in", .title = "OUT-IN", .unit = Unit::kSeconds,
     .help = "until no source port is left, at the present rate", .json = "ports.exhausted_in",
     .rank = 6, .value = C::unknown},
    {.name = "workers", .title = "WORKERS", .unit = Unit::kPids,
     .help = "processes that connect to it, most connects first", .json = "workers", .rank = 4,
     .value = [](const D& row, const S&) -> Value { return row.workers; }},
});
// clang-format on

}  // namespace

std::span<const Field<Destination>> destination_fields() { return kFields; }

}  // namespace tcpwatch
