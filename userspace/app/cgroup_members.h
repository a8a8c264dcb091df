// SPDX-License-Identifier: Apache-2.0
//
// Is a worker in a cgroup, or in one under it? For `trace`, whose records name workers only. A
// process is looked up once; one that had ended before that is in none. Bounded memory. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "host/process.h"

namespace tcpwatch {

// As /proc/PID/cgroup has it: /sys/fs/cgroup before it or a slash behind it do not matter.
std::string cgroup_path(std::string path);

// Who is in a cgroup, or in one under it, now; of `among` alone unless that is empty.
std::vector<std::uint32_t> pids_in_cgroup(const std::string& cgroup,
                                          const std::vector<std::uint32_t>& among);

// Is there such a cgroup now, of whichever hierarchy? It may be empty: what will run in it counts.
bool is_cgroup(const std::string& cgroup);

class CgroupMembers {
 public:
  explicit CgroupMembers(std::string cgroup) : cgroup_(std::move(cgroup)) {}
  bool has(tw_worker worker);

 private:
  static constexpr std::size_t kMost = 16384;

  std::string cgroup_;
  ProcessReader processes_;
  std::map<tw_worker, bool> known_;
};

}  // namespace tcpwatch
