// SPDX-License-Identifier: Apache-2.0
//
// Which network namespaces there are: those of processes (/proc/PID/ns/net) and those mounted on
// files (`ip netns`, docker). Without privilege only the caller's own are seen. A namespace that
// only a descriptor or a single thread holds is not found. No state, no descriptor stays open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tcpwatch {

// How to get at a namespace: processes in it, or a file it is mounted on.
struct NetnsRef {
  std::uint32_t inode = 0;
  std::vector<std::uint32_t> pids;  // a few; may have moved or ended since
  std::string path;                 // of a bind mount such as /run/netns/blue; may be empty
};

struct NetnsScan {
  std::vector<NetnsRef> found;  // sorted by inode
  bool complete = true;         // false: a bound was reached, there may be more
  std::size_t hidden = 0;       // processes whose namespace we may not know
};

inline constexpr std::size_t kMaxProcesses = 32768;
inline constexpr std::size_t kMaxNamespaces = 1024;

// Looks at no more than kMaxProcesses; about 3 us each.
NetnsScan scan_netns(const std::string& proc, const std::vector<std::string>& mounts);

// The namespace of a process. 0: no such process, or not permitted to know.
std::uint32_t netns_of_process(std::uint32_t pid, const std::string& proc = "/proc");

// What the user names with --netns: a name under /run/netns, or any path with a slash in it.
Result<NetnsRef> find_netns(std::string_view name_or_path);

}  // namespace tcpwatch
