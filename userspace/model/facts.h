// SPDX-License-Identifier: Apache-2.0
//
// What is known of the machine and of tcpwatch itself: names, the wall clock, the hook plan in its
// order, what was lost. A hook told again (another capture block) replaces what it said before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/limits.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Facts {
 public:
  explicit Facts(const ModelLimits& limits) : limits_(limits) {}

  void on_host(const tw_host& record);
  void on_hook(const tw_hook& record);
  void on_loss(const tw_loss& record);
  void on_self(const tw_self& record);

  // Is the signal watched by reading a counter now and then?
  bool polled(std::string_view signal) const;
  // The plan has the signal, but all its hooks were refused.
  bool unwatched(std::string_view signal) const;

  // `folded`: what the model itself had no room for, since the start.
  void settle(Snapshot& snapshot, std::uint64_t folded, std::uint64_t now);

 private:
  ModelLimits limits_;
  std::uint64_t realtime_ns_ = 0;  // at host_time_ns_
  std::uint64_t host_time_ns_ = 0;
  std::string host_;
  std::string kernel_;
  std::string version_;
  std::vector<HookChoice> hooks_;
  std::optional<std::uint64_t> own_cpu_ns_;    // as last told
  std::optional<std::uint64_t> shown_cpu_ns_;  // at the last tick
  Loss kernel_loss_;
  Loss shown_loss_;
};

}  // namespace tcpwatch
