// SPDX-License-Identifier: Apache-2.0
//
// A histogram as the kernel keeps it (tcpwatch/histogram.h) with its quantiles. Values are
// durations in seconds. A quantile is the middle of its bucket: at most 12.5 % from the truth.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tcpwatch/histogram.h"

namespace tcpwatch {

class Histogram {
 public:
  // Sorted by bucket; only buckets in use are kept, since most histograms use few of them.
  struct Cell {
    std::uint32_t bucket;
    std::uint64_t count;
  };

  void add(std::uint32_t bucket, std::uint64_t count);
  void add_seconds(double seconds) { sum_ += seconds; }
  void merge(const Histogram& other);

  std::uint64_t count() const { return total_; }
  double sum() const { return sum_; }
  const std::vector<Cell>& cells() const { return cells_; }
  // Nothing when the histogram is empty. `q` in 0..1; max() is the top of the highest bucket used.
  std::optional<double> quantile(double q) const;
  std::optional<double> max() const;

 private:
  std::vector<Cell> cells_;
  std::uint64_t total_ = 0;
  double sum_ = 0;
};

}  // namespace tcpwatch
