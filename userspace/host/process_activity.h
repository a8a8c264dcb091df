// SPDX-License-Identifier: Apache-2.0
//
// What a process is doing right now: scheduler state, the kernel function that it waits in, CPU
// time used, time waited for a CPU. Some 25 us, 5 more for each further thread; needs
// CAP_SYS_PTRACE for the processes of others, else the function is empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

// Nanoseconds are sums over all threads, since the process exists.
struct ProcessActivity {
  char state = '?';          // as in /proc/PID/stat; ?: several threads, whose states differ
  std::string wait_channel;  // empty: running, or not permitted to know
  std::uint64_t threads = 1;
  std::uint32_t cpu = 0;  // where it last ran
  std::uint64_t ran_ns = 0;
  std::optional<std::uint64_t> waited_ns;  // runnable without a CPU; empty: the kernel hides it
  std::string comm;
};

// Nothing when there is no such process.
std::optional<ProcessActivity> read_activity(std::uint32_t pid, const std::string& proc = "/proc");

// Empty where the kernel does not tell (CONFIG_PROC_CHILDREN).
std::vector<std::uint32_t> children_of(std::uint32_t pid, const std::string& proc = "/proc");

// From /proc/PID/stat. Pure.
struct ProcessLoad {
  std::string_view comm;
  char state = '?';
  std::uint64_t threads = 1;
  std::uint64_t ticks = 0;  // of CPU, USER_HZ
  std::uint32_t cpu = 0;    // where it last ran
  bool realtime = false;    // its scheduling policy is FIFO, RR or DEADLINE
};
std::optional<ProcessLoad> parse_process_load(std::string_view text);
std::uint64_t ticks_to_ns(std::uint64_t ticks);

// From /proc/PID/schedstat; nothing where the kernel does not keep it (all zeros). Pure.
struct RunDelay {
  std::uint64_t ran_ns = 0;
  std::uint64_t waited_ns = 0;
};
std::optional<RunDelay> parse_schedstat(std::string_view text);

}  // namespace tcpwatch
