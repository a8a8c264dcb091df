// SPDX-License-Identifier: Apache-2.0
//
// The last samples of one listener, worker, destination or namespace: small, bounded, oldest first.
// Times are seconds since the first snapshot.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
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
    // Not one by one: what is old is let go when it is as much as what is not.
    if (begin_ != 0 && 2 * begin_ >= samples_.size()) {
      samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(begin_));
      begin_ = 0;
    }
    samples_.push_back(sample);
    latest_ = sample;
    if constexpr (requires { sample.troubled(); })
      if (sample.troubled()) last_trouble_ = sample.end;
    while (begin_ + 1 < samples_.size() &&
           (samples_[begin_].end <= sample.end - window || samples_.size() - begin_ > kMost))
      ++begin_;
  }
  std::span<const T> samples() const { return std::span(samples_).subspan(begin_); }
  bool empty() const { return samples_.empty(); }
  const T& latest() const { return latest_; }

  double seconds() const {
    double sum = 0;
    for (const T& sample : samples()) sum += sample.seconds;
    return sum;
  }
  // Seconds in which `bad` held, in sum. A single long interval proves no more than a short one.
  template <typename Predicate>
  double seconds_of(Predicate bad) const {
    double sum = 0;
    for (const T& sample : samples())
      if (bad(sample)) sum += std::min(sample.seconds, kMostOfOne);
    return sum;
  }
  // Without a break until now.
  template <typename Predicate>
  double trailing(Predicate bad) const {
    if (!bad(latest_)) return 0;
    double sum = 0;
    const auto all = samples();
    for (auto sample = all.rbegin(); sample != all.rend() && bad(*sample); ++sample)
      sum += sample->seconds;
    return sum;
  }
  // From the first to the last time that it held; ages count from `now`.
  template <typename Predicate>
  double age_of_first(Predicate bad, double now) const {
    for (const T& sample : samples())
      if (bad(sample)) return now - sample.end + sample.seconds;
    return 0;
  }
  template <typename Predicate>
  double age_of_last(Predicate bad, double now) const {
    const auto all = samples();
    for (auto sample = all.rbegin(); sample != all.rend(); ++sample)
      if (bad(*sample)) return now - sample->end;
    return now + 1e9;
  }
  // Anything that T::troubled() tells. Costs no look at the samples: most tracks are fine.
  bool troubled_within(double now, double seconds) const { return now - last_trouble_ <= seconds; }
  // Cheaper than the two above, where most tracks have nothing of it.
  template <typename Predicate>
  bool seen_within(Predicate bad, double now, double seconds) const {
    const auto all = samples();
    for (auto sample = all.rbegin(); sample != all.rend() && now - sample->end <= seconds; ++sample)
      if (bad(*sample)) return true;
    return false;
  }
  template <typename Member>
  double sum(Member member) const {
    double total = 0;
    for (const T& sample : samples()) total += static_cast<double>(sample.*member);
    return total;
  }

 private:
  std::vector<T> samples_;  // those in front of begin_ are old
  std::size_t begin_ = 0;
  double last_trouble_ = -1e9;
  T latest_{};  // a copy: most rules look no further, and thousands of tracks do not fit a cache
};

}  // namespace tcpwatch
