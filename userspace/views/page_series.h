// SPDX-License-Identifier: Apache-2.0
//
// What the HTML report plots: the host's totals, and the workers, listeners and destinations that
// matter most over the whole capture. A bounded number of points and lines, however long the
// capture is. Pure; refers to the summary that it was made for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/snapshot.h"
#include "views/finding_spells.h"
#include "views/page_rows.h"

namespace tcpwatch {

// The host's figures as fields of the one row that is a snapshot.
std::span<const Field<Snapshot>> page_total_fields();

class PageSeries {
 public:
  static constexpr std::size_t kPoints = 1000;
  static constexpr std::size_t kRows = 8;  // of each table: as many colours can be told apart

  PageSeries(const Snapshot& summary, const std::vector<FindingSpell>& findings,
             std::uint64_t intervals);

  void add(const Snapshot& snapshot);
  void end();

  // Where points end, wall clock; a gap in the capture is a point without values.
  const std::vector<std::uint64_t>& ends() const { return ends_; }
  std::uint64_t begin_ns() const { return begin_ns_; }
  std::uint64_t intervals_per_point() const { return per_point_; }

  const PageRows<Snapshot>& totals() const { return totals_; }
  const PageRows<Listener>& listeners() const { return listeners_; }
  const PageRows<Destination>& destinations() const { return destinations_; }
  const PageRows<Worker>& workers() const { return workers_; }

 private:
  void end_point(std::uint64_t realtime_ns);

  std::uint64_t per_point_;
  std::uint64_t in_point_ = 0;  // intervals since the last point
  std::uint64_t begin_ns_ = 0;
  std::uint64_t last_ns_ = 0;
  std::vector<std::uint64_t> ends_;
  PageRows<Snapshot> totals_;
  PageRows<Listener> listeners_;
  PageRows<Destination> destinations_;
  PageRows<Worker> workers_;
};

}  // namespace tcpwatch
