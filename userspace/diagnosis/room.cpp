// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/room.h"

#include <algorithm>
#include <array>

namespace tcpwatch {

bool lacks_room(const Findings& findings, std::uint32_t pid) {
  constexpr std::array<std::string_view, 6> kShort{"nginx-slots-exhausted", "fd-exhaustion",
                                                   "connection-watermark",  "connection-inflow",
                                                   "accept-queue-overflow", "worker-not-accepting"};
  return std::ranges::any_of(findings, [&](const Finding& finding) {
    return finding.severity != Severity::kInfo && std::ranges::count(kShort, finding.id) != 0 &&
           std::ranges::count(finding.pids, pid) != 0;
  });
}

}  // namespace tcpwatch
