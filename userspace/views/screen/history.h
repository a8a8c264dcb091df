// SPDX-License-Identifier: Apache-2.0
//
// What the header tells of the past: the totals of the last minutes, and since when there is
// trouble. Fed with every snapshot; its time is the snapshots'. Small enough to be copied (a frozen
// screen keeps one).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "views/screen/trouble.h"
#include "views/totals.h"

namespace tcpwatch {

class History {
 public:
  void add(const Snapshot& snapshot);

  // The last `seconds` in so many cells, newest last; each the greatest value that falls into it,
  // so that no spike is lost. Nothing where there is no snapshot.
  std::vector<std::optional<double>> series(TotalName name, std::size_t cells,
                                            double seconds = kSeconds) const;

  const TroubleLog& trouble() const { return trouble_; }

  static constexpr double kSeconds = 60;

 private:
  struct Sample {
    double end;  // seconds since the first sample
    double interval;
    std::array<double, kTotals> values;
  };
  static constexpr std::size_t kMostSamples = 1024;

  std::uint64_t origin_ns_ = 0;
  std::deque<Sample> samples_;
  TroubleLog trouble_;
};

}  // namespace tcpwatch
