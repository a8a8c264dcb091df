// SPDX-License-Identifier: Apache-2.0
#include "app/preflight_facts.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "host/listening.h"
#include "host/mib.h"
#include "host/netns_enter.h"
#include "host/netns_find.h"
#include "host/nginx_config.h"
#include "host/proc_file.h"
#include "host/process.h"
#include "host/sysctl.h"

namespace tcpwatch {
namespace {

std::optional<std::uint64_t> number_in(const std::string& path) {
  std::string text;
  if (!read_file(path, text)) return std::nullopt;
  std::string_view rest = text;
  return to_number(take_until(rest, '\n'));
}

// On a thread in the namespace.
void read_namespace(PreflightFacts& facts, std::vector<ListeningSocket>& listening) {
  const NetSysctls sysctls = read_net_sysctls();
  facts.somaxconn = sysctls.somaxconn;
  facts.max_syn_backlog = sysctls.tcp_max_syn_backlog;
  facts.syncookies = sysctls.tcp_syncookies;
  facts.tw_reuse = sysctls.tcp_tw_reuse;
  facts.timestamps = sysctls.tcp_timestamps;
  facts.ports = sysctls.ports_available();
  facts.conntrack_count = number_in("/proc/sys/net/netfilter/nf_conntrack_count");
  facts.conntrack_max = number_in("/proc/sys/net/netfilter/nf_conntrack_max");
  std::string text;
  tw_netns counters{};
  if (read_file("/proc/thread-self/net/sockstat", text) && parse_sockstat(text, counters))
    facts.time_wait = counters.time_wait;
  if (auto found = listening_sockets()) {
    listening = std::move(*found);
    facts.listeners.emplace();
  }
}

std::set<std::string> sockets_of(std::uint32_t pid) {
  std::set<std::string> sockets;
  std::error_code gone;
  const std::string folder = "/proc/" + std::to_string(pid) + "/fd";
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    const std::string target = std::filesystem::read_symlink(entry.path(), gone).string();
    if (target.starts_with("socket:[")) sockets.insert(target);
  }
  return sockets;
}

struct Chosen {
  std::vector<tw_process> processes;
  bool asked = false;  // by name or pid
};

Chosen choose(const Options& options, std::uint32_t netns) {
  Chosen chosen;
  chosen.asked = !options.comm.empty() || !options.pids.empty();
  ProcessReader reader;
  std::error_code gone;
  const auto fullness = [](const tw_process& one) {
    const bool known = one.fds_open != TW_UNKNOWN && one.fds_limit != TW_UNKNOWN && one.fds_limit;
    return known ? static_cast<double>(one.fds_open) / one.fds_limit : 0;
  };
  for (const auto& entry : std::filesystem::directory_iterator("/proc", gone)) {
    const auto pid = to_number<std::uint32_t>(entry.path().filename().native());
    if (!pid || netns_of_process(*pid) != netns) continue;
    // Of all processes the fullest is told: ourselves would be that where no other may be read.
    if (!chosen.asked && *pid == static_cast<std::uint32_t>(::getpid())) continue;
    if (!options.pids.empty() && std::ranges::count(options.pids, *pid) == 0) continue;
    const auto process = reader.read(*pid, 0);
    if (!process || process->alive == 0) continue;
    if (!options.comm.empty() && text_of(process->comm) != options.comm) continue;
    if (!chosen.asked && !chosen.processes.empty()) {
      if (fullness(*process) > fullness(chosen.processes.front())) chosen.processes = {*process};
      continue;
    }
    chosen.processes.push_back(*process);
  }
  return chosen;
}

std::optional<NginxFacts> nginx_of(const std::vector<tw_process>& processes) {
  for (const tw_process& one : processes) {
    const std::string_view cmdline = text_of(one.cmdline);
    if (text_of(one.comm) != "nginx" || cmdline.find("master process") == std::string_view::npos)
      continue;
    NginxFacts facts;
    facts.file = nginx_config_path(cmdline);
    std::string text;
    // In a container its files are elsewhere: through the root of its process.
    const std::string root = "/proc/" + std::to_string(worker_pid(one.worker)) + "/root";
    if (read_file(root + facts.file, text)) {
      facts.worker_connections = nginx_number(text, "worker_connections").value_or(512);
      facts.worker_rlimit_nofile = nginx_number(text, "worker_rlimit_nofile");
    }
    return facts;
  }
  return std::nullopt;
}

}  // namespace

Result<PreflightFacts> read_preflight_facts(const Options& options) {
  PreflightFacts facts;
  std::vector<ListeningSocket> listening;
  std::uint32_t netns = netns_of_process(static_cast<std::uint32_t>(::getpid()));
  if (options.netns == "all") {
    read_namespace(facts, listening);
  } else {
    const auto found = find_netns(options.netns);
    if (!found) return found.error();
    if (found->inode != netns) facts.enter = "nsenter --net=" + found->path + " ";
    netns = found->inode;
    const auto entered = in_netns(*found, [&] { read_namespace(facts, listening); });
    if (!entered) return entered.error();
  }
  const Chosen chosen = choose(options, netns);
  if (chosen.asked && chosen.processes.empty())
    return Error{ErrorKind::kUsage, "--comm, --pid: there is no such process in this namespace",
                 "--netns /proc/PID/ns/net looks into another one"};
  std::set<std::string> sockets;
  for (const tw_process& one : chosen.processes) {
    ProcessFacts& row = facts.processes.emplace_back();
    row.pid = worker_pid(one.worker);
    row.comm = text_of(one.comm);
    if (one.fds_open != TW_UNKNOWN) row.fds_open = one.fds_open;
    if (one.fds_limit != TW_UNKNOWN) row.fds_limit = one.fds_limit;
    if (chosen.asked) sockets.merge(sockets_of(row.pid));
  }
  for (const ListeningSocket& one : listening)
    if (!chosen.asked || sockets.contains("socket:[" + std::to_string(one.inode) + "]"))
      facts.listeners->push_back({one.address, one.queue, one.backlog});
  facts.nginx = nginx_of(chosen.processes);
  return facts;
}

}  // namespace tcpwatch
