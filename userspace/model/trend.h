// SPDX-License-Identifier: Apache-2.0
//
// How fast a figure rises or falls: between the oldest and the newest of a few points of the last
// while. Times are record times; what goes back in time begins anew.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tcpwatch {

class Trend {
 public:
  // Says nothing before `least_ns` have passed.
  Trend(std::uint64_t window_ns, std::uint64_t least_ns) : window_(window_ns), least_(least_ns) {}

  void add(std::uint64_t now, double value) {
    if (!points_.empty() && now <= last_.time) {
      if (now < last_.time) points_.clear();
    }
    last_ = {now, value};
    while (points_.size() > 1 && now - points_[1].time >= window_) points_.erase(points_.begin());
    if (points_.empty() || now - points_.back().time >= window_ / kPoints) points_.push_back(last_);
  }
  void clear() { points_.clear(); }
  bool empty() const { return points_.empty(); }

  std::optional<double> per_second() const {
    if (points_.empty() || last_.time - points_.front().time < std::max<std::uint64_t>(least_, 1))
      return std::nullopt;
    return (last_.value - points_.front().value) * 1e9 /
           static_cast<double>(last_.time - points_.front().time);
  }

 private:
  static constexpr std::size_t kPoints = 12;
  struct Point {
    std::uint64_t time = 0;
    double value = 0;
  };

  std::uint64_t window_;
  std::uint64_t least_;
  std::vector<Point> points_;  // the oldest first; at most some kPoints
  Point last_;
};

}  // namespace tcpwatch
