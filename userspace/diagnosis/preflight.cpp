// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/thresholds.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kSmallBacklog = 511;  // nginx's default; 128 was the kernel's
constexpr std::uint32_t kSmallSomaxconn = 1024;
constexpr double kPortsWarning = 0.5;  // from half of the range on connect() gets slow
constexpr double kPortsCritical = 0.85;
constexpr double kQueueFilled = 0.5;
constexpr double kTimeWait = 60;  // seconds, fixed

using Checks = std::vector<Check>;

Severity by_share(double share, double warning, double critical) {
  return share >= critical  ? Severity::kCritical
         : share >= warning ? Severity::kWarning
                            : Severity::kInfo;
}

void unknown(Checks& checks, const char* name, const char* what) {
  checks.push_back(
      {Severity::kWarning, name, fmt::format("could not be read: {}", what), "run it as root"});
}

void somaxconn(const PreflightFacts& facts, Checks& checks) {
  if (!facts.somaxconn) return unknown(checks, "somaxconn", "net.core.somaxconn");
  const bool small = *facts.somaxconn < kSmallSomaxconn;
  checks.push_back({small ? Severity::kWarning : Severity::kInfo, "somaxconn",
                    fmt::format("net.core.somaxconn is {}: no backlog is larger", *facts.somaxconn),
                    small ? facts.enter + "sysctl -w net.core.somaxconn=4096" : ""});
}

void syn_backlog(const PreflightFacts& facts, Checks& checks) {
  if (!facts.syncookies) return;
  const bool off = *facts.syncookies == 0;
  checks.push_back({off ? Severity::kWarning : Severity::kInfo, "syncookies",
                    fmt::format("net.ipv4.tcp_syncookies is {}", *facts.syncookies),
                    off ? facts.enter + "sysctl -w net.ipv4.tcp_syncookies=1" : ""});
}

void backlogs(const PreflightFacts& facts, Checks& checks) {
  if (!facts.listeners) return unknown(checks, "backlog", "listening sockets (sock_diag)");
  const std::uint32_t most = facts.somaxconn.value_or(kSmallSomaxconn);
  for (const ListenerFacts& row : *facts.listeners) {
    const bool filled = row.queue > row.backlog * kQueueFilled && row.queue > 1;
    const bool small = row.backlog <= kSmallBacklog && row.backlog < most;
    const Severity severity = filled  ? Severity::kCritical
                              : small ? Severity::kWarning
                                      : Severity::kInfo;
    checks.push_back(
        {severity, "backlog",
         fmt::format("{} has a backlog of {} ({} wait now), somaxconn allows {}", row.address,
                     row.backlog, row.queue, most),
         filled  ? "tcpwatch doctor   # is its owner slow, or the backlog small?"
         : small ? fmt::format("pass a larger backlog to listen() (nginx: `listen … backlog={};`)",
                               most)
                 : ""});
  }
}

// TIME_WAIT lasts a minute: what is in it now are the connects of the last one that closed here.
void ports(const PreflightFacts& facts, Checks& checks) {
  if (!facts.ports || !facts.time_wait || *facts.ports == 0)
    return unknown(checks, "ports", "ip_local_port_range or sockstat");
  const double share = static_cast<double>(*facts.time_wait) / *facts.ports;
  const Severity severity = by_share(share, kPortsWarning, kPortsCritical);
  checks.push_back(
      {severity, "ports",
       fmt::format("{} source ports per destination: {} new connections a second to one of them at "
                   "most; {} are in TIME_WAIT",
                   *facts.ports, format_count(*facts.ports / kTimeWait), *facts.time_wait),
       severity == Severity::kInfo ? ""
                                   : "keep connections (a pool); " + facts.enter +
                                         "sysctl -w net.ipv4.ip_local_port_range='10240 65535'"});
}

void reuse(const PreflightFacts& facts, Checks& checks) {
  if (!facts.tw_reuse || !facts.timestamps) return unknown(checks, "tw_reuse", "net.ipv4.tcp_*");
  const bool useless = *facts.tw_reuse != 0 && *facts.timestamps == 0;
  checks.push_back(
      {useless ? Severity::kWarning : Severity::kInfo, "tw_reuse",
       fmt::format("tcp_tw_reuse is {} ({}), tcp_timestamps {}", *facts.tw_reuse,
                   *facts.tw_reuse == 2   ? "loopback only"
                   : *facts.tw_reuse == 1 ? "on"
                                          : "off",
                   *facts.timestamps),
       useless ? facts.enter + "sysctl -w net.ipv4.tcp_timestamps=1   # reuse needs them" : ""});
}

void conntrack(const PreflightFacts& facts, Checks& checks) {
  if (!facts.conntrack_count || !facts.conntrack_max || *facts.conntrack_max == 0) {
    checks.push_back({Severity::kInfo, "conntrack", "connection tracking is not in use here", ""});
    return;
  }
  const double share =
      static_cast<double>(*facts.conntrack_count) / static_cast<double>(*facts.conntrack_max);
  const Thresholds limits;
  const Severity severity = by_share(share, limits.fds_warning, limits.fds_critical);
  checks.push_back(
      {severity, "conntrack",
       fmt::format("{} of {} connections tracked ({})", *facts.conntrack_count,
                   *facts.conntrack_max, format_percent(share)),
       severity == Severity::kInfo
           ? ""
           : fmt::format("sysctl -w net.netfilter.nf_conntrack_max={}", 2 * *facts.conntrack_max)});
}

void descriptors(const PreflightFacts& facts, Checks& checks) {
  const Thresholds limits;
  if (facts.processes.empty()) unknown(checks, "descriptors", "/proc/PID/fd of any process");
  for (const ProcessFacts& row : facts.processes) {
    if (!row.fds_open || !row.fds_limit || *row.fds_limit == 0) {
      unknown(checks, "descriptors", fmt::format("/proc/{}/fd", row.pid).c_str());
      continue;
    }
    const double share = static_cast<double>(*row.fds_open) / *row.fds_limit;
    const Severity severity = by_share(share, limits.fds_warning, limits.fds_critical);
    checks.push_back(
        {severity, "descriptors",
         fmt::format("{} {} has {} of {} open ({})", row.comm, row.pid, *row.fds_open,
                     *row.fds_limit, format_percent(share)),
         severity == Severity::kInfo ? "" : raise_descriptors(row.pid, *row.fds_limit)});
  }
}

// A proxied connection takes two descriptors, and files a few.
void nginx(const PreflightFacts& facts, Checks& checks) {
  if (!facts.nginx) return;
  const NginxFacts& nginx = *facts.nginx;
  if (!nginx.worker_connections) return unknown(checks, "worker_connections", nginx.file.c_str());
  std::optional<std::uint32_t> limit = nginx.worker_rlimit_nofile;
  for (const ProcessFacts& row : facts.processes)
    if (!limit && row.fds_limit) limit = row.fds_limit;
  const std::uint32_t wanted = *nginx.worker_connections;
  if (!limit) return unknown(checks, "worker_connections", "the workers' descriptor limit");
  const Severity severity = wanted > *limit                      ? Severity::kCritical
                            : 2 * std::uint64_t{wanted} > *limit ? Severity::kWarning
                                                                 : Severity::kInfo;
  checks.push_back({severity, "worker_connections",
                    fmt::format("worker_connections is {}, a worker may open {} files ({})", wanted,
                                *limit, nginx.file),
                    severity == Severity::kInfo ? ""
                                                : fmt::format("worker_rlimit_nofile {};",
                                                              2 * std::uint64_t{wanted} + 1024)});
}

}  // namespace

std::vector<Check> preflight(const PreflightFacts& facts) {
  Checks checks;
  somaxconn(facts, checks);
  syn_backlog(facts, checks);
  backlogs(facts, checks);
  ports(facts, checks);
  reuse(facts, checks);
  conntrack(facts, checks);
  descriptors(facts, checks);
  nginx(facts, checks);
  std::ranges::stable_sort(checks, std::ranges::greater(), &Check::severity);
  return checks;
}

std::string_view check_name(Severity severity) {
  return severity == Severity::kInfo ? "ok" : severity_name(severity);
}

}  // namespace tcpwatch
