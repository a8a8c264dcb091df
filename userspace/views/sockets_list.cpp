// SPDX-License-Identifier: Apache-2.0
#include "views/sockets_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/address.h"
#include "base/human.h"
#include "base/names.h"
#include "base/text.h"
#include "views/field_values.h"

namespace tcpwatch {
namespace {

std::optional<double> age(std::uint32_t jiffies, const SocketsView& view) {
  if (jiffies == TW_UNKNOWN) return std::nullopt;
  return jiffies / view.jiffies_per_second;
}

// Since data last came or went.
std::optional<double> idle(const tw_table_socket& socket, const SocketsView& view) {
  return age(std::min(socket.since_received, socket.since_sent), view);
}

// How long it is in its state, where the kernel knows: CLOSE_WAIT began with the peer's last
// segment, TIME_WAIT lasts a minute.
std::optional<double> since(const tw_table_socket& socket, const SocketsView& view) {
  if (socket.state == TW_CLOSE_WAIT) return age(socket.since_heard, view);
  if (socket.state == TW_TIME_WAIT)
    return std::max(0.0, 60 - socket.timer / view.jiffies_per_second);
  return std::nullopt;
}

std::string text_of(const std::optional<double>& seconds) {
  return seconds ? format_seconds(*seconds) : "-";
}

std::string rtt_text(const tw_table_socket& socket) {
  return socket.rtt_us == 0 ? "-" : format_seconds(socket.rtt_us * 1e-6);
}

std::string holders_text(const OneSocket& row) {
  std::string text;
  for (const Holder& holder : row.holders)
    text += fmt::format("{}{}/{}", text.empty() ? "" : ",", holder.pid, sanitize(holder.comm));
  if (!text.empty()) return text;
  if (row.socket.without_file == 0) return "-";
  return row.socket.dead != 0 ? "(closed)" : "(not accepted)";
}

}  // namespace

std::string socket_heading(bool with_netns) {
  return fmt::format("{:<11} {:>7} {:>7} {:<23} {:<23} {:>7} {:>7} {:>7} {:>7} {}{}\n", "STATE",
                     "RECVQ", "SENDQ", "LOCAL", "REMOTE", "AGE", "SINCE", "IDLE", "RTT",
                     with_netns ? "     NETNS " : "", "PROCESS");
}

std::string socket_line(const OneSocket& row, const SocketsView& view, bool with_netns) {
  const tw_table_socket& socket = row.socket;
  const std::string netns = with_netns ? fmt::format("{:>10} ", socket.local.netns) : "";
  return fmt::format("{:<11} {:>7} {:>7} {:<23} {:<23} {:>7} {:>7} {:>7} {:>7} {}{}\n",
                     state_name(socket.state), socket.in_queue, socket.out_queue,
                     format_endpoint(socket.local), format_endpoint(socket.remote), "-",
                     text_of(since(socket, view)), text_of(idle(socket, view)), rtt_text(socket),
                     netns, holders_text(row));
}

void write_socket(JsonWriter& json, const OneSocket& row, const SocketsView& view) {
  const tw_table_socket& socket = row.socket;
  const auto write = [&](std::string_view key, const std::optional<double>& value) {
    json.key(key);
    value ? json.number(whole_ns(*value)) : json.null();
  };
  const auto count = [&](std::string_view key, std::uint64_t value) {
    json.key(key).number(value);
  };
  json.begin_object();
  json.key("key").string(format_endpoint(socket.local) + " " + format_endpoint(socket.remote));
  json.key("states").begin_object();
  count(state_name(socket.state), 1);
  json.end_object();
  count("total", 1);
  json.key("state").string(state_name(socket.state));
  json.key("local").string(format_endpoint(socket.local));
  json.key("remote").string(format_endpoint(socket.remote));
  count("netns", socket.local.netns);
  count("receive_queue", socket.in_queue);
  count("send_queue", socket.out_queue);
  write("age", std::nullopt);  // only a tracer that saw its begin can tell
  write("since", since(socket, view));
  write("idle", idle(socket, view));
  write("since_received", age(socket.since_received, view));
  write("since_sent", age(socket.since_sent, view));
  write("rtt", socket.rtt_us == 0 ? std::nullopt : std::optional(socket.rtt_us * 1e-6));
  count("retransmits", socket.retransmits);
  count("uid", socket.uid);
  json.key("accepted").boolean(socket.without_file == 0 || socket.dead != 0);
  json.key("holders").begin_array();
  for (const Holder& holder : row.holders) {
    json.begin_object();
    count("pid", holder.pid);
    json.key("comm").string(holder.comm);
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

}  // namespace tcpwatch
