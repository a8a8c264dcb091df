// SPDX-License-Identifier: Apache-2.0
//
// Many intervals as one: increments added up, states and queues at their highest, names as they
// were last. The result is a snapshot of one long interval, so that every view of a snapshot shows
// it. Memory grows with the number of rows, not of intervals. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "model/snapshot.h"

namespace tcpwatch {

class Summary {
 public:
  void add(const Snapshot& snapshot);
  Snapshot all() const;

  std::uint64_t intervals() const { return intervals_; }

 private:
  // Rows from here on are left out, and counted as folded.
  static constexpr std::size_t kMostRows = 65536;
  using Place = std::pair<std::uint32_t, std::string>;                      // namespace, address
  using ListenerKey = std::tuple<std::uint32_t, std::string, std::size_t>;  // and its place there

  void add_rows(const Snapshot& snapshot);
  void add_netns(const Snapshot& snapshot);

  Snapshot sum_;
  std::map<WorkerId, Worker> workers_;
  std::map<ListenerKey, Listener> listeners_;
  std::map<Place, Destination> destinations_;
  std::map<std::uint32_t, Netns> netns_;
  std::uint64_t intervals_ = 0;
};

}  // namespace tcpwatch
