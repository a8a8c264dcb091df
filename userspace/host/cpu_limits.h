// SPDX-License-Identifier: Apache-2.0
//
// Limits of CPU time that a process's control groups set it: its own group's and those above it,
// cgroup 2 (cpu.max) or 1 (cpu.cfs_quota_us), as mounted under /sys/fs/cgroup. Needs no privilege;
// a group that cannot be read is left out. Some 20 us for each level.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

struct CpuLimit {
  std::string group;            // as in /proc/PID/cgroup
  double cpus = 0;              // allowed
  std::uint64_t periods = 0;    // cumulative: in which it wanted to run
  std::uint64_t throttled = 0;  // of them, in which its time was used up
};

// Those that have a limit, the process's own first.
std::vector<CpuLimit> cpu_limits_of(std::uint32_t pid, const std::string& proc = "/proc",
                                    const std::string& mount = "/sys/fs/cgroup");

// The group of /proc/PID/cgroup whose CPU time is controlled. Pure.
struct CpuGroup {
  std::string path;
  bool unified = false;  // cgroup 2
};
std::vector<CpuGroup> parse_cpu_groups(std::string_view text);
// CPUs that "50000 100000" (cpu.max) allows; nothing for "max". Pure.
std::optional<double> parse_cpu_max(std::string_view text);
// nr_periods and nr_throttled of cpu.stat. Pure.
void parse_cpu_stat(std::string_view text, CpuLimit& limit);

}  // namespace tcpwatch
