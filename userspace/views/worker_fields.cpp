// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/fields.h"
#include "views/traffic_fields.h"

namespace tcpwatch {
namespace {

using W = Worker;
using S = Snapshot;
using C = Connecting<Worker>;
using K = Looked<Worker>;
using Wait = Timed<Worker, &Traffic::accept_wait>;

constexpr auto kEstimated = Unwatched::kEstimated;

// Unsigned until the end, since the counters of a hostile capture may overflow.
Value net_inflow(const W& row, const S&) {
  const std::uint64_t opened = row.delta.accepts + row.delta.established_out;
  return static_cast<std::int64_t>(opened - row.delta.closes);
}

Value fd_share(const W& row, const S&) {
  return row.fds ? share(row.fds->open, row.fds->limit) : Missing{};
}

Tone fd_heat(const W& row, const S&) {
  if (!row.fds || row.fds->limit == 0) return Tone::kNormal;
  const double used = static_cast<double>(row.fds->open) / row.fds->limit;
  return used >= 0.95 ? Tone::kBad : used >= 0.8 ? Tone::kWarning : Tone::kNormal;
}

Value fds_open(const W& row, const S&) {
  return row.fds ? Value(std::uint64_t{row.fds->open}) : Missing{};
}

Value fds_limit(const W& row, const S&) {
  return row.fds ? Value(std::uint64_t{row.fds->limit}) : Missing{};
}

Tone life(const W& row, const S&) { return row.alive ? Tone::kNormal : Tone::kDim; }

// clang-format off
constexpr auto kFields = std::to_array<Field<W>>({
    {.name = "pid", .title = "PID", .unit = Unit::kNumber,
     .help = "process (thread group), as seen on the host", .json = "pid", .rank = 0, .width = 5,
     .value = [](const W& row, const S&) -> Value { return std::uint64_t{row.id.pid}; },
     .tone = life},
    {.name = "comm", .title = "COMM", .unit = Unit::kText, .help = "name of the process",
     .json = "comm", .rank = 0, .width = 8, .keep = 15,
     .value = [](const W& row, const S&) -> Value { return row.comm; }, .tone = life},
    {.name = "container", .title = "CONTAINER", .unit = Unit::kId,
     .help = "container of the process", .json = "container", .rank = 6,
     .value = [](const W& row, const S&) -> Value {
        return optional_text(row.container.value_or("")); }},
    {.name = "pod", .title = "POD", .unit = Unit::kText, .help = "uid of its Kubernetes pod",
     .json = "pod", .rank = kOnRequest, .value = pod_uid<W>},
    {.name = "netns", .title = "NETNS", .unit = Unit::kNumber,
     .help = "network namespace (inode number) of its first connection", .json = "netns", .rank = 9,
     .value = [](const W& row, const S&) -> Value { return std::uint64_t{row.netns}; }},
    {.name = "accepts", .title = "ACC/S", .unit = Unit::kRate, .help = "connections accepted",
     .json = "accepts", .signal = "accepts", .unwatched = kEstimated, .rank = 1, .width = 5,
     .value = [](const W& row, const S&) -> Value { return row.delta.accepts; }},
    kConnects<W>, kFails<W>, kReason<W>,
    {.name = "closes", .title = "CLOSE/S", .unit = Unit::kRate,
     .help = "established connections that ended", .json = "closes", .signal = "states", .rank = 4,
     .value = [](const W& row, const S&) -> Value { return row.delta.closes; }},
    {.name = "net", .title = "NET/S", .unit = Unit::kRate,
     .help = "connections opened less closed: the change of the water level", .json = "net_inflow",
     .signal = "states", .rank = 5, .value = net_inflow},
    {.name = "established", .title = "ESTAB", .help = "sockets now established",
     .json = "states.ESTABLISHED", .signal = "states", .rank = 2,
     .value = C::in_state<TW_ESTABLISHED>},
    {.name = "close_wait", .title = "CWAIT",
     .help = "sockets in CLOSE_WAIT: the peer has closed, the program has not",
     .json = "states.CLOSE_WAIT", .signal = "states", .rank = 5,
     .value = C::in_state<TW_CLOSE_WAIT>},
    {.name = "oldest_close_wait", .title = "CW-AGE", .unit = Unit::kSeconds,
     .help = "age of the oldest socket in CLOSE_WAIT", .json = "oldest_close_wait",
     .signal = "socket_table", .rank = 6, .width = 6, .value = K::oldest,
     .estimated = K::oldest_guessed},
    {.name = "close_wait_median", .title = "CW-MED", .unit = Unit::kSeconds,
     .help = "median age of the sockets in CLOSE_WAIT", .json = "close_wait.median",
     .signal = "socket_table", .rank = kOnRequest, .value = K::median,
     .estimated = K::ages_guessed},
    {.name = "close_wait_slope", .title = "CW/MIN", .unit = Unit::kCount,
     .help = "rise of CLOSE_WAIT per minute, over the last minute", .json = "close_wait.per_minute",
     .signal = "states", .rank = kOnRequest,
     .value = [](const W& row, const S&) -> Value {
        return row.close_wait_slope ? Value(*row.close_wait_slope) : Value(Missing{}); }},
    {.name = "close_wait_peer", .title = "CW-PEER", .unit = Unit::kAddress,
     .help = "who closed the oldest of them", .json = "close_wait.peer", .signal = "socket_table",
     .rank = kOnRequest, .keep = 21, .value = K::peer},
    {.name = "close_wait_dated", .title = "", .unit = Unit::kFlag,
     .help = "whether all these ages are exact: the peer's FIN was seen",
     .json = "close_wait.exact", .signal = "socket_table", .value = K::dated},
    {.name = "time_wait", .title = "TWAIT",
     .help = "sockets in TIME_WAIT that this process has made", .json = "states.TIME_WAIT",
     .signal = "socket_table", .rank = 6, .value = K::count<&SocketFacts::time_waits>},
    {.name = "syn_sent", .title = "SYNSENT", .help = "sockets in SYN_SENT",
     .json = "states.SYN_SENT", .signal = "states", .rank = 7, .value = C::in_state<TW_SYN_SENT>},
    {.name = "syn_recv", .title = "SYNRECV", .help = "sockets in SYN_RECV",
     .json = "states.SYN_RECV", .signal = "states", .rank = kOnRequest,
     .value = C::in_state<TW_SYN_RECV>},
    {.name = "fin_wait1", .title = "FINW1", .help = "sockets in FIN_WAIT1",
     .json = "states.FIN_WAIT1", .signal = "states", .rank = kOnRequest,
     .value = C::in_state<TW_FIN_WAIT1>},
    {.name = "fin_wait2", .title = "FINW2", .help = "sockets in FIN_WAIT2",
     .json = "states.FIN_WAIT2", .signal = "states", .rank = kOnRequest,
     .value = C::fin_wait2},
    {.name = "last_ack", .title = "LASTACK", .help = "sockets in LAST_ACK",
     .json = "states.LAST_ACK", .signal = "states", .rank = kOnRequest,
     .value = C::in_state<TW_LAST_ACK>},
    {.name = "closing", .title = "CLOSING", .help = "sockets in CLOSING",
     .json = "states.CLOSING", .signal = "states", .rank = kOnRequest,
     .value = C::in_state<TW_CLOSING>},
    {.name = "listen", .title = "LISTEN", .help = "listening sockets", .json = "states.LISTEN",
     .signal = "states", .rank = kOnRequest,
     .value = C::in_state<TW_LISTEN>},
    {.name = "connect_p50", .title = "P50", .unit = Unit::kSeconds,
     .help = "median time from connect() to established", .json = "connect_seconds.p50",
     .signal = "states", .rank = 8, .width = 5, .value = C::Connect::p50},
    {.name = "connect_p99", .title = "P99", .unit = Unit::kSeconds,
     .help = "99th percentile of the time from connect() to established",
     .json = "connect_seconds.p99", .signal = "states", .rank = 3, .width = 6,
     .value = C::Connect::p99},
    {.name = "connect_max", .title = "MAX", .unit = Unit::kSeconds,
     .help = "longest time from connect() to established", .json = "connect_seconds.max",
     .signal = "states", .rank = kOnRequest,
     .value = C::Connect::max},
    {.name = "kernel", .title = "KERNEL", .unit = Unit::kShare,
     .help = "share of one CPU that the kernel spends in connect(), looking for a source port",
     .signal = "connect_kernel_time", .rank = 1, .value = C::kernel_share, .tone = C::kernel_heat},
    {.name = "kernel_p50", .title = "", .unit = Unit::kSeconds,
     .help = "median time of the port search in one connect()",
     .json = "connect_kernel_seconds.p50", .signal = "connect_kernel_time",
     .value = C::Kernel::p50},
    {.name = "kernel_p99", .title = "KRN-P99", .unit = Unit::kSeconds,
     .help = "99th percentile of the port search in one connect()",
     .json = "connect_kernel_seconds.p99", .signal = "connect_kernel_time",
     .rank = kOnRequest, .value = C::Kernel::p99},
    {.name = "kernel_max", .title = "", .unit = Unit::kSeconds,
     .help = "longest port search in one connect()", .json = "connect_kernel_seconds.max",
     .signal = "connect_kernel_time", .value = C::Kernel::max},
    {.name = "kernel_sum", .title = "", .unit = Unit::kSeconds, .help = "time of all port searches",
     .json = "connect_kernel_seconds.sum", .signal = "connect_kernel_time",
     .value = C::Kernel::sum},
    {.name = "wait_p50", .title = "", .unit = Unit::kSeconds,
     .help = "median wait of a connection in the accept queue", .json = "accept_wait_seconds.p50",
     .signal = "accepts", .value = Wait::p50},
    {.name = "wait_p99", .title = "WAIT", .unit = Unit::kSeconds,
     .help = "99th percentile of the wait of a connection in the accept queue",
     .json = "accept_wait_seconds.p99", .signal = "accepts", .rank = 4, .width = 6,
     .value = Wait::p99},
    {.name = "wait_max", .title = "WAITMAX", .unit = Unit::kSeconds,
     .help = "longest wait of a connection in the accept queue", .json = "accept_wait_seconds.max",
     .signal = "accepts", .rank = kOnRequest,
     .value = Wait::max},
    {.name = "fds", .title = "FDS", .help = "open file descriptors", .json = "fds.open", .rank = 6,
     .value = fds_open},
    {.name = "fds_limit", .title = "FDLIMIT",
     .help = "most file descriptors that the process may open", .json = "fds.limit",
     .rank = kOnRequest,
     .value = fds_limit},
    {.name = "fd_share", .title = "FD%", .unit = Unit::kShare,
     .help = "open file descriptors against the limit", .rank = 5, .width = 4, .meter = true,
     .value = fd_share, .tone = fd_heat},
    {.name = "fd_refused", .title = "NOFD/S", .unit = Unit::kRate,
     .help = "accept4() and socket() refused with EMFILE or ENFILE", .json = "fds.refused",
     .signal = "fd_refusals", .rank = 6,
     .value = [](const W& row, const S&) -> Value { return row.delta.refused_descriptors(); },
     .tone = [](const W& row, const S&) {
        return row.delta.refused_descriptors() != 0 ? Tone::kBad : Tone::kNormal; }},
    {.name = "active", .title = "ACTIVE",
     .help = "established, data came or went within the last minute", .json = "active",
     .signal = "socket_table", .rank = kOnRequest, .value = K::count<&SocketFacts::active>},
    {.name = "idle", .title = "IDLE", .help = "established, without data for a minute",
     .json = "idle", .signal = "socket_table", .rank = kOnRequest,
     .value = K::count<&SocketFacts::idle>},
    {.name = "waiting", .title = "WAITING",
     .help = "established outbound, has sent something and never received anything",
     .json = "waiting", .signal = "socket_table", .rank = 7,
     .value = K::count<&SocketFacts::waiting>},
    {.name = "waiting_since", .title = "LONGEST", .unit = Unit::kSeconds,
     .help = "the longest of these waits for a first byte: since it last sent",
     .json = "waiting_since", .signal = "socket_table", .rank = kOnRequest,
     .value = K::waiting_since},
    {.name = "waiting_for", .title = "FOR", .unit = Unit::kAddress,
     .help = "the destination of the longest wait", .json = "waiting_for",
     .signal = "socket_table", .rank = kOnRequest, .keep = 21, .value = K::waiting_for},
    {.name = "alive", .title = "", .unit = Unit::kFlag, .help = "whether the process still runs",
     .json = "alive", .value = [](const W& row, const S&) -> Value { return row.alive; }},
    {.name = "cgroup", .title = "CGROUP", .unit = Unit::kPath, .help = "cgroup of the process",
     .json = "cgroup", .rank = kOnRequest,
     .value = [](const W& row, const S&) -> Value { return optional_text(row.cgroup); }},
    {.name = "cmdline", .title = "COMMAND", .unit = Unit::kText,
     .help = "command line of the process", .json = "cmdline", .rank = 7, .width = 16,
     .value = [](const W& row, const S&) -> Value { return optional_text(row.cmdline); },
     .tone = life},
});
// clang-format on

}  // namespace

std::span<const Field<Worker>> worker_fields() { return kFields; }

}  // namespace tcpwatch
