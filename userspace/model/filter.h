// SPDX-License-Identifier: Apache-2.0
//
// A part of the picture: only some processes, a cgroup, a port, a network namespace. Rows that do
// not belong leave; totals stay those of the whole machine. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"

namespace tcpwatch {

struct Filter {
  std::vector<std::uint32_t> pids;     // empty: all
  std::string comm;                    // empty: all
  std::string cgroup;                  // this one and those under it; empty: all
  std::optional<std::uint16_t> port;   // listening or remote
  std::optional<std::uint32_t> netns;  // inode

  bool any_worker() const { return pids.empty() && comm.empty() && cgroup.empty(); }
  bool everything() const { return any_worker() && !port && !netns; }
};

// What tcpwatch's own processes do (self-tests, status pages that do not answer) is no incident.
inline constexpr std::string_view kOurselves = "tcpwatch";

Snapshot filtered(const Snapshot& snapshot, const Filter& filter);

// Without the processes of this name and what only they listen on or connect to; the very snapshot
// where there are none.
std::shared_ptr<const Snapshot> without(std::shared_ptr<const Snapshot> snapshot,
                                        std::string_view comm);

}  // namespace tcpwatch
