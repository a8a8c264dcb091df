// SPDX-License-Identifier: Apache-2.0
#include "views/totals.h"

#include <algorithm>

#include "base/human.h"
#include "views/value.h"

namespace tcpwatch {

Quality at_least_estimated(Quality quality) {
  return quality == Quality::kUnavailable ? Quality::kEstimated : quality;
}

Quality syn_drop_quality(const Snapshot& snapshot, const Coverage& coverage) {
  const Quality syn = coverage.of("overflow_syn");
  const bool open = std::ranges::any_of(snapshot.listeners,
                                        [](const Listener& row) { return !row.overflows_exact; });
  return syn == Quality::kExact && open ? Quality::kEstimated : syn;
}

std::string sample_text(const Snapshot& snapshot) {
  constexpr double kRecent = 5;  // seconds
  if (!snapshot.sample) return "";
  if (!snapshot.sample->whole) return "socket table not seen whole";
  if (snapshot.sample->age < kRecent) return "";
  return "socket table as of " + format_seconds(snapshot.sample->age) + " ago";
}

Totals totals_of(const Snapshot& snapshot, const Coverage& coverage) {
  const Traffic& delta = snapshot.delta;
  const auto rate = [&](std::uint64_t count, Quality quality) {
    return Total{per_second(static_cast<double>(count), snapshot.interval), quality};
  };
  const Overflows& drops = snapshot.overflows_delta;
  return {rate(delta.accepts, at_least_estimated(coverage.of("listener_queues"))),
          rate(delta.closes, Quality::kExact), rate(delta.connects, Quality::kExact),
          rate(delta.connect_failures(), at_least_estimated(coverage.of("connect_errors"))),
          rate(drops.syn + drops.ack,
               std::max(syn_drop_quality(snapshot, coverage), coverage.of("overflow_ack")))};
}

}  // namespace tcpwatch
