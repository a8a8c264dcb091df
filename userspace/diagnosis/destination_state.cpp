// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/destination_state.h"

#include <algorithm>

namespace tcpwatch {
namespace {

std::uint64_t failed(const DestinationSample& sample, std::initializer_list<tw_reason> reasons) {
  std::uint64_t sum = 0;
  for (const tw_reason reason : reasons) sum += sample.failures[reason];
  return sum;
}

}  // namespace

FailureState failures_of(const Case& about, const DestinationTrack& track,
                         std::initializer_list<tw_reason> reasons) {
  FailureState state;
  const auto bad = [&](const DestinationSample& sample) { return failed(sample, reasons) != 0; };
  state.seconds = track.seconds();
  state.connects = track.sum(&DestinationSample::connects);
  state.established = track.sum(&DestinationSample::established_out);
  double ended = state.established;
  for (const DestinationSample& sample : track.samples()) {
    const auto count = failed(sample, reasons);
    state.failures += static_cast<double>(count);
    if (count != 0 && sample.gave_up >= 0) state.gave_up = sample.gave_up;
    for (const std::uint64_t failures : sample.failures) ended += static_cast<double>(failures);
  }
  // Those that fail late began before the window.
  state.connects = std::max(state.connects, ended);
  state.since = track.age_of_first(bad, about.chart.now());
  state.quiet_for = track.age_of_last(bad, about.chart.now());
  state.bad_seconds = state.failures > 0 ? state.since - state.quiet_for : 0;
  return state;
}

Finding destination_finding(std::string_view id, const Case& about, const Destination& row,
                            std::initializer_list<tw_reason> reasons) {
  Finding finding;
  finding.id = id;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> workers;
  for (const Route& route : row.routes) {
    std::uint64_t count = 0;
    for (const tw_reason reason : reasons) count += route.total->failures[reason];
    if (count != 0 || reasons.size() == 0) workers.emplace_back(count, route.worker.pid);
  }
  std::ranges::stable_sort(workers, std::ranges::greater(), &decltype(workers)::value_type::first);
  for (const auto& [count, pid] : workers)
    if (std::ranges::count(finding.pids, pid) == 0) finding.pids.push_back(pid);
  if (finding.pids.empty()) finding.pids = row.workers;
  finding.subject = {0, "", "", row.address, row.netns};
  if (finding.pids.empty()) return finding;
  finding.subject.pid = finding.pids.front();
  if (const Worker* worker = about.chart.last_of(finding.subject.pid))
    finding.subject.comm = worker->comm;
  return finding;
}

}  // namespace tcpwatch
