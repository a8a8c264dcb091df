// SPDX-License-Identifier: Apache-2.0
//
// Who uses the CPUs: a look over all processes, for when somebody waits for one. Some 15 us for
// each process, so at most once a second and for half a percent of one core; what is told is the
// difference of two looks. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tcpwatch {

struct CpuUser {
  std::uint32_t pid = 0;
  std::string comm;
  double share = 0;  // CPUs, between the last two looks
  bool realtime = false;
};

class CpuUsers {
 public:
  explicit CpuUsers(std::string proc = "/proc") : proc_(std::move(proc)) {}

  // Looks, unless it did within a second, or longer where there are many processes.
  void look(std::uint64_t now_ns);
  // Of those who last ran on that CPU, who used most; not `but`, and nobody who used next to
  // nothing.
  std::optional<CpuUser> most_of(std::uint32_t cpu, std::uint32_t but) const;

 private:
  struct Seen {
    std::uint64_t ticks = 0;
    std::uint32_t cpu = 0;
    CpuUser user;
  };
  std::string proc_;
  std::uint64_t looked_ns_ = 0;
  std::map<std::uint32_t, Seen> seen_;
};

// Tasks of the whole machine that run or want to, from /proc/loadavg; 0: not known.
std::uint32_t runnable_tasks(const std::string& proc = "/proc");

}  // namespace tcpwatch
