// SPDX-License-Identifier: Apache-2.0
//
// The release gate: limits that will hurt under load, judged before there is any. Pure; the facts
// are read by app/. What could not be read is empty, and its line says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/finding.h"

namespace tcpwatch {

struct ListenerFacts {
  std::string address;
  std::uint32_t queue = 0;
  std::uint32_t backlog = 0;
};

struct ProcessFacts {
  std::uint32_t pid = 0;
  std::string comm;
  std::optional<std::uint32_t> fds_open;
  std::optional<std::uint32_t> fds_limit;
};

struct NginxFacts {
  std::string file;
  std::optional<std::uint32_t> worker_connections;
  std::optional<std::uint32_t> worker_rlimit_nofile;
};

struct PreflightFacts {
  std::optional<std::uint32_t> somaxconn;
  std::optional<std::uint32_t> max_syn_backlog;
  std::optional<std::uint32_t> syncookies;
  std::optional<std::uint32_t> tw_reuse;
  std::optional<std::uint32_t> timestamps;
  std::optional<std::uint32_t> ports;      // of ip_local_port_range, less those reserved
  std::optional<std::uint32_t> time_wait;  // sockets now
  std::optional<std::uint64_t> conntrack_count;
  std::optional<std::uint64_t> conntrack_max;
  std::optional<std::vector<ListenerFacts>> listeners;
  std::vector<ProcessFacts> processes;
  std::string enter;  // "nsenter --net=… ", where these are of another namespace; else empty
  std::optional<NginxFacts> nginx;
};

// kInfo is "ok".
struct Check {
  Severity severity = Severity::kInfo;
  std::string name;   // "backlog", "descriptors", …
  std::string state;  // "127.0.0.1:8080 has a backlog of 511, somaxconn is 4096"
  std::string fix;    // empty where there is nothing to do
};

std::vector<Check> preflight(const PreflightFacts& facts);
std::string_view check_name(Severity severity);  // ok, warning, critical

}  // namespace tcpwatch
