// SPDX-License-Identifier: Apache-2.0
#include "views/timeline.h"

#include <algorithm>

namespace tcpwatch {
namespace {

void raise(std::optional<double>& cell, double value) {
  cell = std::max(cell.value_or(value), value);
}

}  // namespace

Timeline::Timeline(std::uint64_t begin_ns, std::uint64_t end_ns, std::size_t cells)
    : begin_ns_(begin_ns),
      cell_ns_(std::max(1.0, static_cast<double>(end_ns - std::min(begin_ns, end_ns)) /
                                 static_cast<double>(std::max<std::size_t>(1, cells)))),
      established_(cells),
      time_wait_(cells) {
  series_.fill(Series(cells));
}

void Timeline::add(const Snapshot& snapshot) {
  if (established_.empty() || snapshot.interval <= 0) return;
  // An interval stands where it ends, and fills the cells that it covers.
  const auto cell_of = [this](double ns) {
    const double cell =
        std::clamp(ns / cell_ns_, 0.0, static_cast<double>(established_.size() - 1));
    return static_cast<std::size_t>(cell);
  };
  const auto end = static_cast<double>(static_cast<std::int64_t>(snapshot.realtime_ns - begin_ns_));
  const std::size_t last = cell_of(end - 1);
  const std::size_t first = std::min(last, cell_of(end - snapshot.interval * 1e9 + 1));
  const Totals totals = totals_of(snapshot, Coverage(snapshot));
  for (std::size_t cell = first; cell <= last; ++cell) {
    for (std::size_t name = 0; name < kTotals; ++name)
      if (totals[name].quality != Quality::kUnavailable)
        raise(series_[name][cell], totals[name].per_second);
    raise(established_[cell], static_cast<double>(snapshot.states[TW_ESTABLISHED]));
    if (snapshot.time_wait) raise(time_wait_[cell], static_cast<double>(*snapshot.time_wait));
  }
}

}  // namespace tcpwatch
