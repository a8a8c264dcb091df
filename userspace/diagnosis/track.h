// SPDX-License-Identifier: Apache-2.0
//
// The last samples of one listener, worker, destination or namespace: small, bounded, oldest first.
// Times are seconds since the first snapshot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace tcpwatch {

// What every sample has.
struct Look {
  double end = 0;
  double seconds = 0;  // the interval
};

template <typename T>
class Track {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr double kMostOfOne = 1.5;  // seconds

  void add(const T& sample, double window) {
    samples_.push_back(sample);
    std::size_t old = 0;
    while (old + 1 < samples_.size() &&
           (samples_[old].end <= sample.end - window || samples_.size() - old > kMost))
      ++old;
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(old));
  }
  const std::vector<T>& samples() const { return samples_; }
  bool empty() const { return samples_.empty(); }
  const T& latest() const { return samples_.back(); }

  double seconds() const {
    double sum = 0;
    for (const T& sample : samples_) sum += sample.seconds;
    return sum;
  }
  // Seconds in which `bad` held, in sum. A single long interval proves no more than a short one.
  template <typename Predicate>
  double seconds_of(Predicate bad) const {
    double sum = 0;
    for (const T& sample : samples_)
      if (bad(sample)) sum += std::min(sample.seconds, kMostOfOne);
    return sum;
  }
  // Without a break until now.
  template <typename Predicate>
  double trailing(Predicate bad) const {
    double sum = 0;
    for (auto sample = samples_.rbegin(); sample != samples_.rend() && bad(*sample); ++sample)
      sum += sample->seconds;
    return sum;
  }
  // From the first to the last time that it held; ages count from `now`.
  template <typename Predicate>
  double age_of_first(Predicate bad, double now) const {
    for (const T& sample : samples_)
      if (bad(sample)) return now - sample.end + sample.seconds;
    return 0;
  }
  template <typename Predicate>
  double age_of_last(Predicate bad, double now) const {
    for (auto sample = samples_.rbegin(); sample != samples_.rend(); ++sample)
      if (bad(*sample)) return now - sample->end;
    return now + 1e9;
  }
  template <typename Member>
  double sum(Member member) const {
    double total = 0;
    for (const T& sample : samples_) total += static_cast<double>(sample.*member);
    return total;
  }

 private:
  std::vector<T> samples_;
};

}  // namespace tcpwatch
