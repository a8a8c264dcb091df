// SPDX-License-Identifier: Apache-2.0
#include "app/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <bit>
#include <cstdlib>

#include "app/cgroup_members.h"
#include "base/duration.h"
#include "host/netns.h"
#include "host/proc_file.h"
#include "host/process.h"
#include "host/sysctl.h"

namespace tcpwatch {

void add_watching_options(CLI::App& command, Options& options) {
  command.add_option("--interval", options.interval, "time between two pictures")
      ->type_name("DUR")
      ->capture_default_str()
      ->envname("TCPWATCH_INTERVAL");
  command.add_option("--duration", options.duration, "end after this time (default: Ctrl-C)")
      ->type_name("DUR");
  add_deny_option(command, options);
}

void add_deny_option(CLI::App& command, Options& options) {
  command
      .add_option("--deny", options.deny,
                  "refuse a hook mechanism, to force a fallback (`tcpwatch probe` lists them)")
      ->type_name("MECH,…")
      ->delimiter(',')
      ->envname("TCPWATCH_DENY");
}

void add_filter_options(CLI::App& command, Options& options) {
  command.add_option("--pid", options.pids, "only these processes")
      ->type_name("PID")
      ->delimiter(',');
  command.add_option("--comm", options.comm, "only processes of this name")->type_name("NAME");
  command.add_option("--port", options.port, "only this port, listening or remote")
      ->type_name("PORT");
  command.add_option("--netns", options.netns, "only this network namespace")
      ->type_name("NAME|PATH|all")
      ->capture_default_str();
  command
      .add_option("--cgroup", options.cgroup, "only processes of this cgroup and those under it")
      ->type_name("PATH");
}

void add_output_options(CLI::App& command, Options& options) {
  command.add_flag("--json", options.json, "for programs: JSON instead of text");
  command.add_flag("--no-color", options.no_color, "no colours (also: NO_COLOR=1)");
}

Result<Filter> filter_of(const Options& options, bool live) {
  Filter filter;
  filter.pids = options.pids;
  filter.comm = options.comm;
  filter.port = options.port;
  filter.cgroup = cgroup_path(options.cgroup);
  if (!live) {
    if (options.netns == "all") return filter;
    filter.netns = to_number<std::uint32_t>(options.netns);
    if (filter.netns) return filter;
    return Error{ErrorKind::kUsage, "--netns: with --replay the number of a namespace is needed",
                 "JSON output has it: \"netns\":4026531840"};
  }
  for (const std::uint32_t pid : options.pids)
    if (!ProcessReader().read(pid, 0))
      return Error{ErrorKind::kUsage, fmt::format("--pid: there is no process {}", pid),
                   "`pgrep NAME` lists the pids of a program"};
  if (!filter.cgroup.empty() && !is_cgroup(filter.cgroup))
    return Error{ErrorKind::kUsage, fmt::format("--cgroup: there is no cgroup {}", filter.cgroup),
                 "`cat /proc/PID/cgroup` shows the path of a process"};
  if (options.netns != "all") {
    auto found = find_netns(options.netns);
    if (!found) return found.error();
    filter.netns = found->inode;
  }
  return filter;
}

Result<std::chrono::nanoseconds> positive_duration(const std::string& name,
                                                   const std::string& text) {
  auto duration = parse_duration(text);
  if (!duration)
    return Error{ErrorKind::kUsage, name + ": " + duration.error().message, duration.error().hint};
  if (duration->count() <= 0)
    return Error{ErrorKind::kUsage, name + ": must be more than 0", "for example 1s"};
  return duration;
}

namespace {

// Makers are remembered for as many TIME_WAIT as the kernel allows, three to a bucket of seven: at
// most 4 MB.
std::uint32_t buckets_for_makers() {
  const std::uint32_t most = read_net_sysctls().tcp_max_tw_buckets.value_or(65536);
  return std::clamp(std::bit_ceil(most / 3), 1024U, 65536U);
}

}  // namespace

Result<TracerOptions> tracer_options(const Options& options, std::uint32_t detail) {
  TracerOptions tracer;
  tracer.detail = detail;
  tracer.sizes.makers = buckets_for_makers();
  const auto& known = deniable_mechanisms();
  for (const std::string& mechanism : options.deny) {
    if (std::ranges::count(known, std::string_view(mechanism)) == 0)
      return Error{ErrorKind::kUsage, "--deny: there is no mechanism " + mechanism,
                   fmt::format("one of {}", fmt::join(known, ", "))};
    tracer.denied.insert(mechanism);
  }
  return tracer;
}

bool use_color(const Options& options) {
  const char* no_color = std::getenv("NO_COLOR");
  return !options.no_color && !(no_color && *no_color) && ::isatty(STDOUT_FILENO) != 0;
}

}  // namespace tcpwatch
