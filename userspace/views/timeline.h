// SPDX-License-Identifier: Apache-2.0
//
// The totals of a capture over time, in a fixed number of cells: each the greatest rate that falls
// into it, so that no spike is lost. Times are wall clock. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "views/totals.h"

namespace tcpwatch {

class Timeline {
 public:
  Timeline(std::uint64_t begin_ns, std::uint64_t end_ns, std::size_t cells);

  void add(const Snapshot& snapshot);

  using Series = std::vector<std::optional<double>>;
  const Series& series(TotalName name) const { return series_[static_cast<std::size_t>(name)]; }
  const Series& established() const { return established_; }
  const Series& time_wait() const { return time_wait_; }
  std::uint64_t begin_ns() const { return begin_ns_; }
  double cell_seconds() const { return cell_ns_ * 1e-9; }

 private:
  std::uint64_t begin_ns_;
  double cell_ns_;
  std::array<Series, kTotals> series_;
  Series established_;
  Series time_wait_;
};

}  // namespace tcpwatch
