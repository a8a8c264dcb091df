// SPDX-License-Identifier: Apache-2.0
#include "views/screen/history.h"

#include <algorithm>
#include <cmath>

namespace tcpwatch {

void History::add(const Snapshot& snapshot) {
  trouble_.add(snapshot);
  if (samples_.empty()) origin_ns_ = snapshot.realtime_ns;
  // The wall clock may be set back: a difference, read with its sign.
  const auto since = static_cast<std::int64_t>(snapshot.realtime_ns - origin_ns_);
  Sample sample{static_cast<double>(since) * 1e-9, snapshot.interval, {}};
  const Totals totals = totals_of(snapshot, Coverage(snapshot));
  std::ranges::transform(totals, sample.values.begin(), &Total::per_second);
  while (!samples_.empty() && samples_.back().end >= sample.end) samples_.pop_back();
  samples_.push_back(sample);
  while (samples_.size() > kMostSamples || sample.end - samples_.front().end > 2 * kSeconds)
    samples_.pop_front();
}

std::vector<std::optional<double>> History::series(TotalName name, std::size_t cells,
                                                   double seconds) const {
  std::vector<std::optional<double>> series(cells);
  if (samples_.empty() || cells == 0) return series;
  const double step = seconds / static_cast<double>(cells);
  const double begin = samples_.back().end - seconds;
  // Ticks are never quite a second apart: what sticks out of a cell by that much is not in the
  // next.
  const double slack = 0.05 * step;
  for (const Sample& sample : samples_) {
    const double from = (sample.end - sample.interval - begin + slack) / step;
    const double to = (sample.end - begin - slack) / step;
    if (!(to > 0)) continue;
    const auto first = static_cast<std::size_t>(std::max(0.0, std::floor(from)));
    const auto last = static_cast<std::size_t>(std::floor(to));
    const double value = sample.values[static_cast<std::size_t>(name)];
    for (std::size_t cell = first; cell <= last && cell < cells; ++cell)
      series[cell] = std::max(series[cell].value_or(0), value);
  }
  return series;
}

}  // namespace tcpwatch
