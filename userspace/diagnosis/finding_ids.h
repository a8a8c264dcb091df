// SPDX-License-Identifier: Apache-2.0
//
// The ids of all findings that there are: the contract's. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace tcpwatch {

inline constexpr auto kFindingIds = std::to_array<std::string_view>({
    "accept-queue-overflow",
    "backlog-capped",
    "ephemeral-port-exhaustion",
    "connect-slow-in-kernel",
    "connect-timeout",
    "connect-refused",
    "connect-unreachable",
    "connect-abandoned",
    "connection-inflow",
    "connection-watermark",
    "short-connection-storm",
    "time-wait-high",
    "close-wait-leak",
    "fin-wait2-pileup",
    "worker-not-accepting",
    "accept-imbalance",
    "syn-flood",
    "fd-exhaustion",
    "nginx-slots-exhausted",
    "slow-upstream",
    "slow-clients",
    "keepalive-pileup",
    "cpu-steering",
    "conntrack-full",
});

inline std::span<const std::string_view> finding_ids() { return kFindingIds; }

inline bool is_finding_id(std::string_view id) {
  return std::ranges::find(kFindingIds, id) != kFindingIds.end();
}

}  // namespace tcpwatch
