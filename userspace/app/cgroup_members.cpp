// SPDX-License-Identifier: Apache-2.0
#include "app/cgroup_members.h"

#include "base/container.h"
#include "base/fixed_text.h"

namespace tcpwatch {

std::string cgroup_path(std::string path) {
  constexpr std::string_view kMount = "/sys/fs/cgroup";
  if (path.starts_with(kMount)) path.erase(0, kMount.size());
  while (path.ends_with('/')) path.pop_back();
  return path.empty() || path.starts_with('/') ? path : "/" + path;
}

bool CgroupMembers::has(tw_worker worker) {
  const auto found = known_.find(worker);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMost) known_.clear();
  const tw_process process = processes_.read_worker(worker, 0);
  return known_[worker] = in_cgroup(text_of(process.cgroup), cgroup_);
}

}  // namespace tcpwatch
