// SPDX-License-Identifier: Apache-2.0
//
// The self-test's traffic: in a network namespace of its own, on a thread of its own, one accepted
// connection, one connect without a route, and one SYN against a full accept queue. Nothing of it
// touches the host's namespace or counters.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/result.h"

namespace tcpwatch {

// Packets on loopback mostly arrive at once. A dropped SYN comes again after a second.
constexpr std::chrono::milliseconds kTrialPatience{1500};

// Makes the traffic, calls `inspect(netns inode)` while the sockets are still open, then closes.
Result<> run_loopback_trial(const std::function<void(std::uint32_t)>& inspect);

}  // namespace tcpwatch
