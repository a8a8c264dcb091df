// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "views/sockets_fields.h"
#include "views/sockets_values.h"

namespace tcpwatch {
namespace {

using S = Snapshot;
using P = ProcessSockets;
using C = SocketColumns<ProcessSockets>;

Value fd_share(const P& row, const S&) {
  if (!row.fds || !row.fds_limit) return Missing{};
  return share(static_cast<double>(*row.fds), static_cast<double>(*row.fds_limit));
}

// clang-format off
constexpr auto kStates = std::to_array<Field<StateSockets>>({
    {.name = "state", .title = "STATE", .unit = Unit::kText, .help = "state of the sockets",
     .json = "key", .rank = 0, .width = 11,
     .value = [](const StateSockets& row, const S&) -> Value {
        return std::string(state_name(row.state)); }},
    {.name = "states", .title = "", .help = "the same as an object", .json = "states",
     .value = [](const StateSockets& row, const S&) -> Value {
        return Counts{{state_name(row.state), row.sockets}}; }},
    {.name = "total", .title = "SOCKETS", .unit = Unit::kNumber, .help = "sockets in this state",
     .json = "total", .rank = 0, .width = 9,
     .value = [](const StateSockets& row, const S&) -> Value { return row.sockets; }},
    {.name = "share", .title = "SHARE", .unit = Unit::kShare, .help = "of all sockets",
     .json = "share", .rank = 1, .width = 6,
     .value = [](const StateSockets& row, const S&) -> Value {
        return share(static_cast<double>(row.sockets), static_cast<double>(row.all)); }},
});

constexpr auto kProcesses = std::to_array<Field<P>>({
    {.name = "key", .title = "", .help = "pid; null for sockets that no process holds",
     .json = "key", .value = [](const P& row, const S&) -> Value { return optional_count(row.pid); }},
    {.name = "pid", .title = "PID", .unit = Unit::kNumber,
     .help = "process that holds the sockets, as seen on the host", .json = "pid", .rank = 0,
     .width = 5, .value = [](const P& row, const S&) -> Value { return optional_count(row.pid); }},
    {.name = "comm", .title = "COMM", .unit = Unit::kText,
     .help = "its name; in parentheses why no process holds them", .json = "comm", .rank = 0,
     .width = 8, .keep = 15, .value = [](const P& row, const S&) -> Value { return row.comm; }},
    {.name = "container", .title = "CONTAINER", .unit = Unit::kId,
     .help = "container of the process", .json = "container", .rank = 7,
     .value = [](const P& row, const S&) -> Value {
        return optional_text(row.container.value_or("")); }},
    {.name = "pod", .title = "", .unit = Unit::kText, .help = "uid of its Kubernetes pod",
     .json = "pod", .value = pod_uid<P>},
    {.name = "states", .title = "", .help = "sockets by state", .json = "states",
     .value = C::states},
    {.name = "total", .title = "TOTAL", .unit = Unit::kNumber, .help = "sockets in any state",
     .json = "total", .rank = 0, .value = C::total},
    {.name = "established", .title = "ESTAB", .unit = Unit::kNumber, .help = "established",
     .rank = 1, .value = C::in_state<TW_ESTABLISHED>},
    {.name = "idle", .title = "IDLE", .unit = Unit::kNumber,
     .help = "established, without data either way for --idle", .json = "idle", .rank = 3,
     .value = C::idle},
    {.name = "waiting", .title = "WAITING", .unit = Unit::kNumber,
     .help = "established outbound, has sent something and never received anything",
     .json = "waiting", .rank = 4, .value = C::waiting},
    {.name = "waiting_since", .title = "LONGEST", .unit = Unit::kSeconds,
     .help = "the longest of these waits: since it last sent", .json = "waiting_since", .rank = 6,
     .value = C::waiting_since},
    {.name = "close_wait", .title = "CWAIT", .unit = Unit::kNumber,
     .help = "the peer has closed, the program has not", .rank = 1,
     .value = C::in_state<TW_CLOSE_WAIT>, .tone = C::leak_heat},
    {.name = "oldest_close_wait", .title = "OLDEST", .unit = Unit::kSeconds,
     .help = "age of the oldest CLOSE_WAIT: since its peer's last segment",
     .json = "oldest_close_wait", .rank = 2, .value = C::close_wait_age, .tone = C::leak_heat,
     .estimated = C::guessed},
    {.name = "close_wait_peer", .title = "ITS PEER", .unit = Unit::kAddress,
     .help = "who closed that one", .json = "close_wait_peer", .rank = 2, .keep = 21,
     .value = C::close_wait_peer},
    {.name = "syn_sent", .title = "SYNSENT", .unit = Unit::kNumber, .help = "connecting",
     .rank = 4, .value = C::in_state<TW_SYN_SENT>},
    {.name = "syn_recv", .title = "SYNRECV", .unit = Unit::kNumber, .help = "half-open",
     .rank = 5, .value = C::in_state<TW_SYN_RECV>},
    {.name = "closing", .title = "CLOSING", .unit = Unit::kNumber,
     .help = "FIN_WAIT1, FIN_WAIT2, CLOSING or LAST_ACK", .rank = 4, .value = C::closing},
    {.name = "time_wait", .title = "TWAIT", .unit = Unit::kNumber, .help = "TIME_WAIT",
     .rank = 3, .value = C::in_state<TW_TIME_WAIT>},
    {.name = "listen", .title = "LISTEN", .unit = Unit::kNumber, .help = "listening", .rank = 3,
     .value = C::in_state<TW_LISTEN>},
    {.name = "fds", .title = "FDS", .unit = Unit::kNumber, .help = "open file descriptors",
     .json = "fds.open", .rank = 5,
     .value = [](const P& row, const S&) -> Value { return optional_count(row.fds); }},
    {.name = "fds_limit", .title = "", .unit = Unit::kNumber,
     .help = "most file descriptors that the process may open", .json = "fds.limit",
     .value = [](const P& row, const S&) -> Value { return optional_count(row.fds_limit); }},
    {.name = "fd_share", .title = "FD%", .unit = Unit::kShare,
     .help = "open file descriptors against the limit", .rank = 3, .width = 4, .value = fd_share},
    {.name = "cgroup", .title = "", .unit = Unit::kPath, .help = "cgroup of the process",
     .json = "cgroup", .value = [](const P& row, const S&) -> Value {
        return optional_text(row.cgroup); }},
    {.name = "cmdline", .title = "COMMAND", .unit = Unit::kText,
     .help = "command line of the process", .json = "cmdline", .rank = 6, .width = 16,
     .value = [](const P& row, const S&) -> Value { return optional_text(row.cmdline); }},
});
// clang-format on

}  // namespace

std::span<const Field<StateSockets>> state_row_fields() { return kStates; }
std::span<const Field<ProcessSockets>> process_row_fields() { return kProcesses; }

}  // namespace tcpwatch
