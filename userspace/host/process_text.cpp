// SPDX-License-Identifier: Apache-2.0
#include "host/process_text.h"

#include <algorithm>
#include <array>

#include "host/proc_file.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
  const std::size_t open = text.find('(');
  const std::size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  // proc_pid_stat(5) counts from 1; the first field behind the name is number 3, the state.
  constexpr std::size_t kFirst = 3, kThreads = 20, kStart = 22;
  std::string_view rest = text.substr(close + 1);
  std::array<std::string_view, kStart + 1 - kFirst> fields;
  for (std::string_view& field : fields) field = take_word(rest);
  const auto start = to_number(fields[kStart - kFirst]);
  const auto threads = to_number(fields[kThreads - kFirst]);
  const std::string_view state = fields[0];
  if (!start || !threads || state.size() != 1) return std::nullopt;
  // A zombie with more threads is a process whose first thread alone has ended.
  const bool ended = state == "X" || state == "x" || (state == "Z" && *threads <= 1);
  return ProcessStat{text.substr(open + 1, close - open - 1), *start, !ended};
}

std::optional<std::uint32_t> parse_open_files_limit(std::string_view text) {
  constexpr std::string_view kName = "Max open files";
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (!line.starts_with(kName)) continue;
    line.remove_prefix(kName.size());
    const std::string_view soft = take_word(line);
    if (soft == "unlimited") return TW_UNKNOWN - 1;
    const auto limit = to_number(soft);
    if (!limit) return std::nullopt;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(*limit, TW_UNKNOWN - 1));
  }
  return std::nullopt;
}

std::string joined_cmdline(std::string_view text) {
  std::string joined(text.substr(0, text.find_last_not_of(std::string_view("\0 ", 2)) + 1));
  std::ranges::replace(joined, '\0', ' ');
  return joined;
}

std::string_view choose_cgroup(std::string_view text) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string_view deepest;
  std::ptrdiff_t depth = -1;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view hierarchy = take_until(line, ':');
    const std::string_view controllers = take_until(line, ':');
    std::string_view path = line;  // may have colons of its own
    if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
    if (!path.starts_with('/')) continue;
    if (hierarchy == "0" && controllers.empty() && path != "/") return path;
    const std::ptrdiff_t folders = path == "/" ? 0 : std::ranges::count(path, '/');
    if (folders > depth) {
      deepest = path;
      depth = folders;
    }
  }
  return deepest;
}

std::string fit_cgroup(std::string_view path, std::size_t bytes) {
  constexpr std::string_view kDots = "...";
  if (path.size() <= bytes) return std::string(path);
  if (bytes <= kDots.size()) return std::string(path.substr(path.size() - bytes));
  std::string_view tail = path.substr(path.size() - (bytes - kDots.size()));
  if (const std::size_t slash = tail.find('/'); slash != std::string_view::npos) {
    tail.remove_prefix(slash);
  }
  return std::string(kDots) + std::string(tail);
}

}  // namespace tcpwatch
