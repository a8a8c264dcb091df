// SPDX-License-Identifier: Apache-2.0
//
// The counters of the metrics: what snapshots tell as increments, added up under their labels. They
// fall only when their series vanishes. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "views/metrics/labels.h"
#include "views/metrics/metric_writer.h"
#include "views/metrics/series_table.h"

namespace tcpwatch {

class Counters {
 public:
  explicit Counters(const MetricsOptions& options);

  void add(const Snapshot& snapshot);
  void write(MetricWriter& out) const;

  const MetricsOptions& options() const { return options_; }
  FoldedSeries& folded() { return folded_; }
  // The highest that the queue of an address was in the last minute, about.
  std::uint32_t peak(const std::string& listener_labels) const;

 private:
  using Counts = SeriesTable<std::uint64_t>;
  using Times = SeriesTable<Histogram>;

  void add_traffic(const Traffic& delta, const Labelled& who);
  void add_steps(const std::vector<StepCount>& steps, const Labelled& who);
  void add_workers(const Snapshot& snapshot);
  void add_accepts(const Snapshot& snapshot);
  void begin_failures(const Labelled& who, const Destination& destination);
  void add_routes(const Snapshot& snapshot);
  void add_failures(const Failures& failures, const Labelled& who, std::string_view destination,
                    std::uint32_t netns);
  void add_listeners(const Snapshot& snapshot);
  void add_namespaces(const Snapshot& snapshot);
  void add_peak(const Listener& listener);
  void forget(const Snapshot& snapshot);

  MetricsOptions options_;
  FoldedSeries folded_;
  Counts accepts_;
  Counts connects_;
  Counts connect_failures_;
  Counts closes_;
  Counts refusals_;
  Counts transitions_;
  Counts overflows_;
  Times connect_duration_;
  Times connect_kernel_;
  Times accept_wait_;
  std::uint64_t cookies_sent_ = 0;
  std::uint64_t cookies_received_ = 0;
  std::uint64_t cookies_failed_ = 0;

  struct Peak {
    std::uint32_t now = 0;
    std::uint32_t before = 0;
  };
  std::map<std::string, Peak, std::less<>> peaks_;
  std::uint64_t peaks_since_ = 0;
  // Processes and places, and when they were last there.
  std::map<std::string, std::uint64_t, std::less<>> present_;
  std::uint64_t looked_ = 0;
};

}  // namespace tcpwatch
