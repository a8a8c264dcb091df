// SPDX-License-Identifier: Apache-2.0
//
// Kernel settings that explain what TCP does, per network namespace, and what the host is called.
// A setting that this kernel or namespace does not have is empty, never 0. Reads no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "host/netns_find.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

struct NetSysctls {
  std::optional<std::uint32_t> somaxconn;
  std::optional<std::uint32_t> tcp_max_syn_backlog;
  std::optional<std::uint32_t> tcp_syncookies;
  std::optional<std::uint32_t> tcp_abort_on_overflow;
  std::optional<std::uint32_t> tcp_tw_reuse;
  std::optional<std::uint32_t> tcp_timestamps;
  std::optional<std::uint32_t> tcp_fin_timeout;
  std::optional<std::uint32_t> tcp_max_tw_buckets;
  // Set where the namespace has a table of connections of its own (6.1), and in the first one.
  std::optional<std::uint32_t> tcp_ehash_entries;
  std::optional<std::uint32_t> conntrack_max;  // empty: nothing is tracked
  std::optional<std::uint32_t> port_low;       // ip_local_port_range, both ends included
  std::optional<std::uint32_t> port_high;
  std::uint32_t ports_reserved = 0;  // ip_local_reserved_ports inside that range

  // Source ports that connect() may choose from, per destination.
  std::optional<std::uint32_t> ports_available() const;
};

// Of the calling thread's namespace.
NetSysctls read_net_sysctls(const std::string& proc = "/proc");
// Of another one, from inside (see netns_enter.h).
Result<NetSysctls> read_net_sysctls(const NetnsRef& netns, const std::string& proc = "/proc");

// hostname, kernel release, CPUs online; times and tcpwatch's version are the caller's.
tw_host host_record(std::uint64_t time_ns, std::uint64_t realtime_ns, std::string_view version);

}  // namespace tcpwatch
