// SPDX-License-Identifier: Apache-2.0
//
// What every live command does: stop signals, tracer, source; pictures until the end that the
// options or the user set. The commands differ in the sink and in what they do at each tick.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "app/live_source.h"
#include "app/options.h"

namespace tcpwatch {

struct SessionPlan {
  std::uint32_t detail = 0;
  std::uint32_t most_closes = 0;                  // told by each CPU in a second; 0: all
  std::optional<std::uint64_t> intervals;         // end after so many
  std::optional<std::chrono::nanoseconds> drain;  // stories are handed on this often
  std::function<void()> on_drain;                 // called after each hand-over
  bool for_days = false;                          // cheaper, at the price of older samples
  // A descriptor besides the stop signals, for keys, and what to do when it is readable; true ends
  // the session.
  int wake_fd = -1;
  // SIGUSR1 came.
  std::function<void()> on_dump;
  std::function<bool(LiveSource&)> on_wake;
  std::function<Result<>()> on_attached;  // hooks are in place; before the first interval
  // Facts from elsewhere, handed on as records before each tick.
  std::function<void(RecordSink&, std::uint64_t now)> more_facts;
};

// Calls `on_tick` after each interval, also after the last, shorter one that a signal ends. False
// from it ends the session.
Result<> watch(const Options& options, const SessionPlan& plan, RecordSink& sink,
               const std::function<bool(Tracer&)>& on_tick);

}  // namespace tcpwatch
