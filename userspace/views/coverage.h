// SPDX-License-Identifier: Apache-2.0
//
// How good a figure is on this kernel, by the signal that it comes from (names: kernel/hook_plan).
// A signal that the plan does not mention needs no hook and is exact. Pure; refers to a snapshot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"

namespace tcpwatch {

enum class Quality { kExact, kEstimated, kUnavailable };

// "exact", "estimated", "unavailable".
std::string_view quality_name(Quality quality);

// One signal of the plan: what watches it, and what was refused before, best first.
struct SignalCoverage {
  std::string_view signal;
  Quality quality = Quality::kUnavailable;
  const HookChoice* hook = nullptr;  // null: nothing watches it
  std::vector<const HookChoice*> refused;
};

class Coverage {
 public:
  // The snapshot must outlive the coverage.
  explicit Coverage(const Snapshot& snapshot);

  Quality of(std::string_view signal) const;
  const std::vector<SignalCoverage>& signals() const { return signals_; }  // in the plan's order

 private:
  SignalCoverage& entry(std::string_view signal);

  std::vector<SignalCoverage> signals_;
};

// "tp_btf:inet_sock_set_state"
std::string hook_text(const HookChoice& hook);

}  // namespace tcpwatch
