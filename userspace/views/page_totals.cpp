// SPDX-License-Identifier: Apache-2.0
//
// The figures of a whole host over time. Those that screens show, too, have the quality that they
// have there (totals.h).
#include <algorithm>
#include <array>

#include "views/field_values.h"
#include "views/page_series.h"
#include "views/totals.h"

namespace tcpwatch {
namespace {

using S = Snapshot;

Total total(const S& row, TotalName name) {
  return totals_of(row, Coverage(row))[static_cast<std::size_t>(name)];
}

template <TotalName Name>
Value known(const S& row, std::uint64_t count) {
  return total(row, Name).quality == Quality::kUnavailable ? Value(Missing{}) : Value(count);
}

template <TotalName Name>
bool estimated(const S& row) {
  return total(row, Name).quality == Quality::kEstimated;
}

// What one more connection finds, in the listener where it is worst.
Value fullest(const S& row, const S&) {
  double most = 0;
  for (const Listener& listener : row.listeners)
    most = std::max(most, listener.queue_peak / (static_cast<double>(listener.queue_limit) + 1));
  return row.listeners.empty() ? Value(Missing{}) : Value(most);
}

Value half_open(const S& row, const S&) {
  std::uint64_t sum = 0;
  for (const Listener& listener : row.listeners) sum += listener.syn_queue;
  return sum;
}

template <Histogram Traffic::* H>
Value p99(const S& row, const S&) {
  return seconds((row.delta.*H).quantile(0.99));
}

template <tw_state State>
Value in_state(const S& row, const S&) {
  return sockets(row.states, State);
}

// clang-format off
constexpr auto kFields = std::to_array<Field<S>>({
    {.name = "accepted", .unit = Unit::kRate,
     .value = [](const S& row, const S&) { return known<TotalName::kAccepted>(row, row.delta.accepts); },
     .estimated = estimated<TotalName::kAccepted>},
    {.name = "closed", .unit = Unit::kRate, .signal = "states",
     .value = [](const S& row, const S&) -> Value { return row.delta.closes; }},
    {.name = "dropped", .unit = Unit::kRate,
     .value = [](const S& row, const S&) {
        return known<TotalName::kDrops>(row, row.overflows_delta.syn + row.overflows_delta.ack); },
     .estimated = estimated<TotalName::kDrops>},
    {.name = "connects", .unit = Unit::kRate, .signal = "states",
     .value = [](const S& row, const S&) -> Value { return row.delta.connects; }},
    {.name = "failed", .unit = Unit::kRate,
     .value = [](const S& row, const S&) {
        return known<TotalName::kFailures>(row, row.delta.connect_failures()); },
     .estimated = estimated<TotalName::kFailures>},
    {.name = "established", .signal = "states", .value = in_state<TW_ESTABLISHED>},
    {.name = "time_wait",
     .value = [](const S& row, const S&) -> Value { return optional_count(row.time_wait); }},
    {.name = "close_wait", .signal = "states", .value = in_state<TW_CLOSE_WAIT>},
    {.name = "half_open", .signal = "listener_queues", .value = half_open},
    {.name = "fullest", .unit = Unit::kShare, .signal = "states", .value = fullest},
    {.name = "accept_wait", .unit = Unit::kSeconds, .signal = "accepts",
     .value = p99<&Traffic::accept_wait>},
    {.name = "connect", .unit = Unit::kSeconds, .signal = "states", .value = p99<&Traffic::connect>},
    {.name = "port_search", .unit = Unit::kSeconds, .signal = "connect_kernel_time",
     .value = p99<&Traffic::kernel>},
    {.name = "lost", .unit = Unit::kRate,
     .value = [](const S& row, const S&) -> Value { return row.lost_delta.events; }},
    {.name = "no_descriptor", .unit = Unit::kRate, .signal = "fd_refusals",
     .value = [](const S& row, const S&) -> Value { return row.delta.refused_descriptors(); }},
});
// clang-format on

}  // namespace

std::span<const Field<Snapshot>> page_total_fields() { return kFields; }

}  // namespace tcpwatch
