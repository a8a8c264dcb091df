// SPDX-License-Identifier: Apache-2.0
//
// Parsers of the files under /proc/PID. Pure functions over hostile text: a process chooses its own
// name and command line. Views point into the text given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcpwatch {

struct ProcessStat {
  std::string_view comm;
  std::uint64_t start_ticks = 0;  // since boot, USER_HZ
  bool alive = false;             // not dead, and no zombie without other threads
};

// /proc/PID/stat. The name may hold anything: blanks, parentheses, line ends.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

// /proc/PID/limits: the soft limit of open files; TW_UNKNOWN - 1 for "unlimited".
std::optional<std::uint32_t> parse_open_files_limit(std::string_view text);

// /proc/PID/cmdline: arguments joined by blanks, without the zeros that setproctitle() leaves.
std::string joined_cmdline(std::string_view text);

// /proc/PID/cgroup: the v2 path; where that is only "/", the deepest of the v1 paths.
std::string_view choose_cgroup(std::string_view text);

// At most `bytes`: drops folders at the front, for the end has the container's id. A path that was
// cut begins with "...".
std::string fit_cgroup(std::string_view path, std::size_t bytes);

}  // namespace tcpwatch
