// SPDX-License-Identifier: Apache-2.0
#include "host/mib.h"

#include <array>

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

struct Counter {
  std::string_view prefix;
  std::string_view name;
  __u64 tw_netns::* field;
};

constexpr std::array<Counter, 11> kCounters{{
    {"Tcp", "ActiveOpens", &tw_netns::active_opens},
    {"Tcp", "PassiveOpens", &tw_netns::passive_opens},
    {"Tcp", "AttemptFails", &tw_netns::attempt_fails},
    {"Tcp", "EstabResets", &tw_netns::estab_resets},
    {"TcpExt", "ListenOverflows", &tw_netns::listen_overflows},
    {"TcpExt", "ListenDrops", &tw_netns::listen_drops},
    {"TcpExt", "TCPReqQFullDrop", &tw_netns::reqq_full_drop},
    {"TcpExt", "SyncookiesSent", &tw_netns::cookies_sent},
    {"TcpExt", "SyncookiesRecv", &tw_netns::cookies_received},
    {"TcpExt", "SyncookiesFailed", &tw_netns::cookies_failed},
    {"Ip", "OutNoRoutes", &tw_netns::out_no_routes},
}};

// The two lines of one protocol, behind their prefix.
bool parse_pair(std::string_view prefix, std::string_view names, std::string_view values,
                tw_netns& netns) {
  bool found = false;
  while (true) {
    const std::string_view name = take_word(names);
    const std::string_view value = take_word(values);
    if (name.empty() || value.empty()) return found;
    for (const Counter& counter : kCounters) {
      if (counter.name != name || counter.prefix != prefix) continue;
      if (const auto number = to_number(value)) {
        netns.*counter.field = *number;
        found = true;
      }
    }
  }
}

bool is_wanted(std::string_view prefix) {
  return prefix == "Tcp" || prefix == "TcpExt" || prefix == "Ip";
}

}  // namespace

bool parse_mib(std::string_view text, tw_netns& netns) {
  bool found = false;
  std::string_view header;  // names of the line before, while they wait for their values
  std::string_view header_prefix;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view prefix = take_until(line, ':');
    if (!header.empty() && prefix == header_prefix) {
      if (is_wanted(prefix)) found |= parse_pair(prefix, header, line, netns);
      header = {};
    } else {
      header = line;
      header_prefix = prefix;
    }
  }
  return found;
}

bool parse_sockstat(std::string_view text, tw_netns& netns) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (take_word(line) != "TCP:") continue;
    while (!line.empty()) {
      const std::string_view name = take_word(line);
      const std::string_view value = take_word(line);
      const auto number = to_number<std::uint32_t>(value);
      if (name != "tw" || !number) continue;
      netns.time_wait = *number;
      return true;
    }
  }
  return false;
}

}  // namespace tcpwatch
