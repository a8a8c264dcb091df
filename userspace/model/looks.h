// SPDX-License-Identifier: Apache-2.0
//
// What was looked at because something seemed wrong: what processes did while connections waited
// for them, where packets of a namespace are steered. Of the interval alone: what is not told again
// is not known any more.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "model/limits.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Looks {
 public:
  explicit Looks(const ModelLimits& limits) : limits_(limits) {}

  void on_activity(const tw_activity& record);
  void on_steering(const tw_steering& record);
  const std::vector<Activity>& activities() const { return activities_; }
  void settle(Snapshot& snapshot);

 private:
  ModelLimits limits_;
  std::vector<Activity> activities_;
  std::map<std::uint32_t, tw_steering> steered_;         // of this interval, by namespace
  std::map<std::uint32_t, tw_steering> steered_before_;  // of the one before
};

}  // namespace tcpwatch
