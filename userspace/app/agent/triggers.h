// SPDX-License-Identifier: Apache-2.0
//
// When a capture is to be written: a finding that begins, or a figure that stays above a threshold.
// Pure but for what it remembers; time is the snapshots' time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/agent/settings.h"
#include "diagnosis/finding.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Triggers {
 public:
  // `on`: the severity from which any finding triggers, or "never".
  Triggers(std::vector<TriggerSettings> triggers, const std::string& on);

  // Why one is to be written now; empty: it is not. Each cause counts once, until it has ended.
  std::string judge(const Snapshot& snapshot, const Findings& findings);

 private:
  struct State {
    TriggerSettings wanted;
    std::uint64_t since = 0;  // 0: does not hold
    bool fired = false;
  };
  bool holds(const State& state, const Snapshot& snapshot, const Findings& findings,
             std::string& why) const;

  std::vector<State> states_;
};

// The figures that a trigger can name: per second for what ends in _total, else as they are.
std::span<const std::string_view> trigger_metrics();
double trigger_value(std::string_view metric, std::string_view process, const Snapshot& snapshot);

}  // namespace tcpwatch
