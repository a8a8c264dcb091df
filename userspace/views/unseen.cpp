// SPDX-License-Identifier: Apache-2.0
#include "views/unseen.h"

#include <fmt/format.h>

#include <algorithm>

#include "views/coverage.h"

namespace tcpwatch {
namespace {

// Those that hold connections: of a process that comes and goes nobody needs to know.
std::size_t without_descriptors(const Snapshot& snapshot) {
  return static_cast<std::size_t>(std::ranges::count_if(snapshot.workers, [](const Worker& row) {
    return row.alive && !row.fds && (row.states[TW_ESTABLISHED] > 0 || row.states[TW_LISTEN] > 0);
  }));
}

}  // namespace

std::vector<std::string> unseen_of(const Snapshot& snapshot, const Findings& findings) {
  std::vector<std::string> phrases;
  const auto add = [&](std::string what) {
    if (!what.empty() && std::ranges::count(phrases, what) == 0) phrases.push_back(std::move(what));
  };
  for (const Finding& finding : findings)
    if (finding.severity != Severity::kInfo) add(finding.unseen);
  if (const std::size_t blind = without_descriptors(snapshot); blind != 0)
    add(fmt::format(
        "whether descriptors run out: {} of {} processes (/proc/PID/fd is not readable)", blind,
        snapshot.workers.size()));
  const Coverage coverage(snapshot);
  for (const SignalCoverage& signal : coverage.signals()) {
    if (signal.quality != Quality::kUnavailable) continue;
    add(fmt::format("{} is not watched on this kernel", signal.signal));
    if (signal.signal == "owners") add("listeners and connections that are older than tcpwatch");
  }
  return phrases;
}

}  // namespace tcpwatch
