// SPDX-License-Identifier: Apache-2.0
//
// `--replay FILE… [--from] [--to] [--speed]`: a capture in the place of the live kernel, for every
// command that shows what records tell. What play() hands on is what a live source would have.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/replay.h"
#include "events/record.h"

namespace CLI {
class App;
}

namespace tcpwatch {

struct ReplayOptions {
  std::vector<std::string> files;
  std::string from;  // empty: the beginning
  std::string to;
  double speed = 0;  // of the clock that was; 0: as fast as can be

  bool wanted() const { return !files.empty(); }
};

void add_replay_options(CLI::App& command, ReplayOptions& replay);
// --from and --to alone, for commands whose files are arguments.
void add_window_options(CLI::App& command, ReplayOptions& replay);

// `01:45`, `01:45:12.5` (UTC, on the day of the capture's begin or the one after it), RFC 3339,
// `30s` after the begin, `-30s` before the end.
// A window in which nothing was recorded is a mistake, unless it is another host's as well.
Result<Window> window_of(const ReplayOptions& replay, const CaptureSet& captures,
                         bool may_miss = false);

// All records of the window; `on_tick` after each interval, false from it ends. Prints what of the
// capture could not be read; the exit code.
int play(const ReplayOptions& replay, RecordSink& sink, const std::function<bool()>& on_tick,
         Kinds wanted = Kinds::all());

// Who was in a cgroup, or in one under it, at any time of the capture.
Result<std::set<tw_worker>> recorded_members(const ReplayOptions& replay,
                                             const std::string& cgroup);

// One line on standard error per thing that was not read.
void tell_damage(const CaptureSet& captures, const ReplayCount& count);

}  // namespace tcpwatch
