// SPDX-License-Identifier: Apache-2.0
//
// What a process is doing right now: scheduler state, the kernel function that it waits in, CPU
// time used. Some 15 us; needs CAP_SYS_PTRACE for the processes of others, else the function is
// empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

struct ProcessActivity {
  char state = '?';          // as in /proc/PID/stat; ?: several threads, whose states differ
  std::string wait_channel;  // empty: running, or not permitted to know
  double cpu_seconds = 0;    // of all threads so far
  std::string comm;
};

// Nothing when there is no such process.
std::optional<ProcessActivity> read_activity(std::uint32_t pid, const std::string& proc = "/proc");

// Empty where the kernel does not tell (CONFIG_PROC_CHILDREN).
std::vector<std::uint32_t> children_of(std::uint32_t pid, const std::string& proc = "/proc");

// The state, the number of threads and the CPU time of /proc/PID/stat. Pure.
struct ProcessLoad {
  std::string_view comm;
  char state = '?';
  std::uint64_t threads = 1;
  std::uint64_t ticks = 0;  // of CPU, USER_HZ
};
std::optional<ProcessLoad> parse_process_load(std::string_view text);

}  // namespace tcpwatch
