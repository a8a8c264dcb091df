// SPDX-License-Identifier: Apache-2.0
//
// How an accept queue fares, for the rules that speak of listeners. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "diagnosis/rules.h"

namespace tcpwatch {

struct QueueState {
  double drops = 0;
  double accepts = 0;
  double seconds = 0;      // watched
  double bad_seconds = 0;  // full or dropping, in sum
  double since = 0;        // seconds since the first of them
  double quiet_for = 0;    // since the last of them
  double full_share = 0;   // of the looks
  double wait = -1;        // median until accept(), of the worst interval; below 0: not known

  // It overflows though its owner takes what comes: only bursts are too large for it.
  bool only_bursts(const Thresholds& limits) const {
    return full_share < limits.always_full && accepts > 0 && wait < limits.slow_accept;
  }
};

QueueState queue_state(const Case& about, const Track<ListenerSample>& track);

// Who accepts from it: not the master that listens and forks, if others are known.
std::vector<std::uint32_t> acceptors(const Case& about, const Listener& row);

Finding listener_finding(std::string_view id, const Case& about, const Listener& row);

}  // namespace tcpwatch
