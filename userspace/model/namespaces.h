// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own counters by network namespace. A namespace that is not heard of for the grace
// time has vanished.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "model/limits.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Namespaces {
 public:
  explicit Namespaces(const ModelLimits& limits) : limits_(limits) {}

  void on_netns(const tw_netns& record);
  // Of a namespace that is known by now.
  void on_conntrack(const tw_conntrack& record);

  // Overflows of accept queues in the whole namespace: in this interval or, when it was told of for
  // the first time, since it exists. Nothing where that cannot be told.
  struct QueueOverflows {
    std::uint64_t count = 0;
    bool ever = false;
  };
  std::optional<QueueOverflows> overflows(std::uint32_t inode) const;

  void settle(Snapshot& snapshot, std::uint64_t now);

 private:
  struct Row {
    tw_netns now{};
    tw_netns before{};                     // at the last tick, or when first seen
    bool single = true;                    // one record only: no difference yet
    bool heard = true;                     // in this interval
    std::optional<tw_conntrack> tracking;  // as told in this interval
    std::optional<tw_conntrack> tracking_before;
  };

  ModelLimits limits_;
  std::map<std::uint32_t, Row> rows_;
};

}  // namespace tcpwatch
