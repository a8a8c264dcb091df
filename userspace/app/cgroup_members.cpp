// SPDX-License-Identifier: Apache-2.0
#include "app/cgroup_members.h"

#include <filesystem>

#include "base/container.h"
#include "base/fixed_text.h"
#include "host/proc_file.h"

namespace tcpwatch {

namespace {

constexpr std::string_view kMount = "/sys/fs/cgroup";

}  // namespace

std::string cgroup_path(std::string path) {
  if (path.starts_with(kMount)) path.erase(0, kMount.size());
  while (path.ends_with('/')) path.pop_back();
  return path.empty() || path.starts_with('/') ? path : "/" + path;
}

std::vector<std::uint32_t> pids_in_cgroup(const std::string& cgroup,
                                          const std::vector<std::uint32_t>& among) {
  std::vector<std::uint32_t> candidates = among;
  std::error_code gone;
  if (among.empty())
    for (const auto& entry : std::filesystem::directory_iterator("/proc", gone))
      if (const auto pid = to_number<std::uint32_t>(entry.path().filename().native()))
        candidates.push_back(*pid);
  ProcessReader processes;
  std::erase_if(candidates, [&](std::uint32_t pid) {
    const auto process = processes.read(pid, 0);
    return !process || !in_cgroup(text_of(process->cgroup), cgroup);
  });
  return candidates;
}

// The paths in /proc/PID/cgroup may begin elsewhere than what is mounted here (a container), so a
// process that is in it is proof too.
bool is_cgroup(const std::string& cgroup) {
  std::error_code none;
  const std::filesystem::path mount(kMount);
  if (std::filesystem::is_directory(mount.native() + cgroup, none)) return true;
  for (const auto& hierarchy : std::filesystem::directory_iterator(mount, none))
    if (std::filesystem::is_directory(hierarchy.path().native() + cgroup, none)) return true;
  return !pids_in_cgroup(cgroup, {}).empty();
}

bool CgroupMembers::has(tw_worker worker) {
  const auto found = known_.find(worker);
  if (found != known_.end()) return found->second;
  if (known_.size() >= kMost) known_.clear();
  const tw_process process = processes_.read_worker(worker, 0);
  return known_[worker] = in_cgroup(text_of(process.cgroup), cgroup_);
}

}  // namespace tcpwatch
