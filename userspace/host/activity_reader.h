// SPDX-License-Identifier: Apache-2.0
//
// What processes did since they were last looked at, as tw_activity records; and, of one that waits
// for a CPU more than it runs, why: the limit of its control group, who else is on its CPU. Reads
// no clock (the caller gives the time). One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "host/cpu_users.h"
#include "host/process_activity.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

class ActivityReader {
 public:
  explicit ActivityReader(std::string proc = "/proc", std::string cgroups = "/sys/fs/cgroup")
      : proc_(std::move(proc)), cgroups_(std::move(cgroups)), users_(proc_) {}

  // Nothing when there is no such process.
  std::optional<tw_activity> look(std::uint32_t pid, std::uint64_t time_ns);
  // Its name at the last look.
  const std::string& name_of(std::uint32_t pid) { return known_[pid].seen.comm; }
  // Of who was not looked at for long, nothing is kept.
  void forget(std::uint64_t time_ns);

 private:
  struct Group {
    std::uint64_t periods = 0;
    std::uint64_t throttled = 0;
  };
  struct Known {
    std::uint64_t time_ns = 0;
    ProcessActivity seen;
    std::uint64_t told_ns = 0;  // of a wait that is not over, and not in the kernel's sum yet
    std::map<std::string, Group> groups;
  };

  static void measure(const Known& before, Known& now, tw_activity& record);
  void explain(Known& now, tw_activity& record);
  void tell_limit(Known& now, tw_activity& record);

  std::string proc_;
  std::string cgroups_;
  std::map<std::uint32_t, Known> known_;
  CpuUsers users_;
};

}  // namespace tcpwatch
