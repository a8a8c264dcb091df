// SPDX-License-Identifier: Apache-2.0
//
// One line of a plot in the HTML report: a figure over time. A point stands for one interval, or
// for several where a capture has more than a page can hold: then it keeps the greatest, the least
// and the mean by time, from which the sum can be had again. Pure.
#pragma once

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "views/coverage.h"

namespace tcpwatch {

class PageLine {
 public:
  struct Point {
    double most = 0;
    double least = 0;
    double mean = 0;
  };

  void add(double value, double seconds, Quality quality) {
    if (!open_) open_ = Point{value, value, 0};
    open_->most = std::max(open_->most, value);
    open_->least = std::min(open_->least, value);
    sum_ += value * seconds;
    seconds_ += seconds;
    quality_ = std::max(quality_, quality);
  }

  // What was added since the last point is a point; nothing is a gap.
  void end_point() {
    if (open_ && seconds_ > 0) open_->mean = sum_ / seconds_;
    points_.push_back(std::exchange(open_, std::nullopt));
    sum_ = seconds_ = 0;
  }

  const std::vector<std::optional<Point>>& points() const { return points_; }
  Quality quality() const { return quality_; }  // the worst of them
  // Whether there is anything to see.
  bool flat_zero() const {
    return std::ranges::none_of(points_,
                                [](const auto& point) { return point && point->most > 0; });
  }

 private:
  std::vector<std::optional<Point>> points_;
  std::optional<Point> open_;
  double sum_ = 0;
  double seconds_ = 0;
  Quality quality_ = Quality::kExact;
};

}  // namespace tcpwatch
