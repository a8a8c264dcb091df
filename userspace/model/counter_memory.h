// SPDX-License-Identifier: Apache-2.0
//
// The last totals of one flow, to tell what has grown since. A tw_flow has some 390 counters, of
// which a flow uses a few dozen: only those are kept, so that 20,000 flows fit in a few megabytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/snapshot.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

// The counters of a tw_flow, numbered in the order in which they lie there.
inline constexpr std::uint16_t kCounterAttempts = 0;
inline constexpr std::uint16_t kCounterSteps = 1;
inline constexpr std::uint16_t kCounterAccepts = kCounterSteps + TW_STEP_COUNT;
inline constexpr std::uint16_t kCounterSums = kCounterAccepts + 1;
inline constexpr std::uint16_t kCounterFailures = kCounterSums + TW_TIMINGS;
inline constexpr std::uint16_t kCounterHistograms = kCounterFailures + TW_REASONS;
inline constexpr std::uint16_t kCounters = kCounterHistograms + TW_TIMINGS * TW_BUCKETS;

struct CounterValue {
  std::uint16_t counter;
  std::uint64_t value;
};

class CounterMemory {
 public:
  // Takes over the totals of `now` and appends to `grown` by how much each has risen. False where
  // one fell, so that these are no longer the counters that they were: then nothing is changed.
  bool advance(const tw_flow& now, std::vector<CounterValue>& grown);

  // Steps into each state minus steps out of it.
  States states() const;

 private:
  std::vector<CounterValue> last_;  // sorted by counter, none is 0
};

// Adds `by` steps to the states that they lead from and to.
void move_sockets(States& states, std::uint32_t step, std::uint64_t by);

}  // namespace tcpwatch
