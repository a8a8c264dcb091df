// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/rests_on.h"

#include <algorithm>
#include <array>

namespace tcpwatch {
namespace {

struct Rest {
  std::string_view id;
  std::array<std::string_view, 3> signals;  // empty: none
};

constexpr std::array kRests{
    Rest{"accept-queue-overflow", {"overflow_syn", "overflow_ack", "listener_queues"}},
    Rest{"backlog-capped", {"listener_queues", "accepts"}},  // how long accept() takes
    Rest{"worker-not-accepting", {"listener_queues", "states"}},
    Rest{"accept-imbalance", {"states"}},
    Rest{"syn-flood", {"listener_queues"}},
    Rest{"ephemeral-port-exhaustion", {"states"}},
    Rest{"connect-slow-in-kernel", {"connect_kernel_time", "states"}},
    // Whether the peer is a full listener of this host: owners tell of those older than tcpwatch.
    Rest{"connect-timeout", {"states", "listener_queues", "owners"}},
    Rest{"connect-refused", {"states"}},
    Rest{"connect-unreachable", {"states", "connect_errors"}},  // those that fail at once
    Rest{"connect-abandoned", {"states", "listener_queues", "owners"}},
    Rest{"connection-inflow", {"states"}},
    Rest{"connection-watermark", {"states"}},
    Rest{"short-connection-storm", {"states"}},
    Rest{"close-wait-leak", {"states"}},
    Rest{"fin-wait2-pileup", {"states"}},
    Rest{"slow-upstream", {"socket_table", "states"}},
    Rest{"slow-clients", {"socket_table", "states"}},
    Rest{"keepalive-pileup", {"socket_table"}},
    Rest{"cpu-steering", {"socket_table", "states"}},
};

}  // namespace

std::span<const std::string_view> signals_of_finding(std::string_view id) {
  const auto rest = std::ranges::find(kRests, id, &Rest::id);
  if (rest == kRests.end()) return {};
  const auto end = std::ranges::find(rest->signals, std::string_view());
  return {rest->signals.begin(), end};
}

}  // namespace tcpwatch
