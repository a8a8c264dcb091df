// SPDX-License-Identifier: Apache-2.0
//
// How connects to one destination fare, for the rules that speak of destinations. Pure.
#pragma once

#include <initializer_list>
#include <vector>

#include "diagnosis/rules.h"

namespace tcpwatch {

using DestinationTrack = Track<DestinationSample>;

struct FailureState {
  double failures = 0;
  double connects = 0;  // begun in the window, or at least ended in it
  double established = 0;
  double seconds = 0;      // in which anything was tried
  double bad_seconds = 0;  // from the first to the last failure
  double since = 0;        // seconds since the first
  double quiet_for = 0;    // since the last
  double gave_up = -1;     // median time to a failure, of the latest interval that had one

  double share() const { return connects > 0 ? failures / connects : failures > 0 ? 1 : 0; }
  // Not one or two, not a burst that is over.
  bool lasts(const Thresholds& limits) const {
    return failures >= static_cast<double>(limits.fails) && bad_seconds >= limits.hold &&
           quiet_for <= limits.stale && failures >= limits.fail_rate * bad_seconds &&
           share() >= limits.fail_share;
  }
};

FailureState failures_of(const Case& about, const DestinationTrack& track,
                         std::initializer_list<tw_reason> reasons);

// With the processes that connect there, who fails most first.
Finding destination_finding(std::string_view id, const Case& about, const Destination& row,
                            std::initializer_list<tw_reason> reasons);

}  // namespace tcpwatch
