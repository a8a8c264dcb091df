// SPDX-License-Identifier: Apache-2.0
//
// `probe`: which signal is watched by which hook on this kernel, why better ones were refused and
// what would help, what the hooks cost, and what was lost. As text for people, and as one JSON
// object (tcpwatch.probe/1):
//   schema, time, host, kernel, version,
//   signals: [{signal, quality (exact, estimated, unavailable), hook: {mechanism, target, note} or
//     null, refused: [{mechanism, target, reason}]}], best first,
//   programs: [{name, runs, seconds (in all), seconds_per_run or null}],
//   lost_events, folded, untracked: since the start.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "model/snapshot.h"
#include "views/palette.h"

namespace tcpwatch {

// What the kernel's run statistics say of one BPF program.
struct ProgramCost {
  std::string name;
  std::uint64_t runs = 0;
  std::uint64_t ns = 0;  // of all runs
};

struct ProbeStyle {
  std::size_t width = 80;
  Palette palette = Palette::kPlain;
};

// `costs` is empty where nothing was measured.
std::string probe_text(const Snapshot& snapshot, const std::vector<ProgramCost>& costs,
                       const ProbeStyle& style);
std::string probe_json(const Snapshot& snapshot, const std::vector<ProgramCost>& costs);

}  // namespace tcpwatch
