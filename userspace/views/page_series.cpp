// SPDX-License-Identifier: Apache-2.0
#include "views/page_series.h"

#include <algorithm>
#include <array>

#include "views/fields.h"
#include "views/ranking.h"

namespace tcpwatch {
namespace {

constexpr auto kTotals = std::to_array<PageField>({
    {"accepted", "accepted"},
    {"connects", "connects begun"},
    {"closed", "closed"},
    {"dropped", "dropped"},
    {"failed", "connects failed"},
    {"established", "ESTABLISHED"},
    {"time_wait", "TIME_WAIT"},
    {"close_wait", "CLOSE_WAIT"},
    {"half_open", "half-open"},
    {"fullest", "fullest queue"},
    {"accept_wait", "wait for accept()"},
    {"connect", "connect()"},
    {"port_search", "port search in connect()"},
    {"lost", "stories lost"},
    {"no_descriptor", "refused for want of a descriptor"},
});
constexpr auto kListeners = std::to_array<PageField>({{"full", "Queue against full"},
                                                      {"accepts", "Accepted"},
                                                      {"syn_drops", "Dropped at the SYN"},
                                                      {"ack_drops", "Dropped at the last ACK"},
                                                      {"syn_queue", "Half-open"},
                                                      {"wait_p99", "Wait for accept(), p99"}});
constexpr auto kDestinations = std::to_array<PageField>({{"fails", "Failed"},
                                                         {"connects", "Connects"},
                                                         {"connect_p99", "connect(), p99"},
                                                         {"port_share", "Source ports in use"},
                                                         {"kernel", "CPU in port search"},
                                                         {"established", "Established"},
                                                         {"waiting", "Waiting for a first byte"}});
constexpr auto kWorkers = std::to_array<PageField>({{"accepts", "Accepted"},
                                                    {"closes", "Closed"},
                                                    {"connects", "Connects"},
                                                    {"fails", "Failed"},
                                                    {"established", "Established"},
                                                    {"close_wait", "CLOSE_WAIT"},
                                                    {"kernel", "CPU in port search"},
                                                    {"fd_share", "Descriptors in use"}});

// How near a row is to what a finding is about.
enum class Bearing { kLeading, kConcerned, kNone };

Bearing bearing(const Finding& finding, const Worker& row) {
  if (finding.subject.pid == row.id.pid) return Bearing::kLeading;
  return std::ranges::count(finding.pids, row.id.pid) != 0 ? Bearing::kConcerned : Bearing::kNone;
}

Bearing bearing(const Subject& subject, const std::string& told, const std::string& address,
                std::uint32_t netns) {
  const bool same = told == address && (subject.netns == 0 || subject.netns == netns);
  return same ? Bearing::kLeading : Bearing::kNone;
}
Bearing bearing(const Finding& finding, const Listener& row) {
  return bearing(finding.subject, finding.subject.listener, row.address, row.netns);
}
Bearing bearing(const Finding& finding, const Destination& row) {
  return bearing(finding.subject, finding.subject.destination, row.address, row.netns);
}

// Those that findings speak of first, then the worst.
template <typename Row>
std::vector<const Row*> chosen(const std::vector<const Row*>& ranked,
                               const std::vector<FindingSpell>& findings) {
  std::vector<std::pair<Bearing, const Row*>> order;
  for (const Row* row : ranked) {
    Bearing nearest = Bearing::kNone;
    for (const FindingSpell& spell : findings)
      nearest = std::min(nearest, bearing(spell.finding, *row));
    order.emplace_back(nearest, row);
  }
  std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
  std::vector<const Row*> rows;
  for (const auto& entry : order)
    if (rows.size() < PageSeries::kRows) rows.push_back(entry.second);
  return rows;
}

}  // namespace

PageSeries::PageSeries(const Snapshot& summary, const std::vector<FindingSpell>& findings,
                       std::uint64_t intervals)
    : per_point_(std::max<std::uint64_t>(1, (intervals + kPoints - 1) / kPoints)),
      totals_({&summary}, summary, page_total_fields(), kTotals),
      listeners_(chosen(ranked_listeners(summary), findings), summary, listener_fields(),
                 kListeners),
      destinations_(chosen(ranked_destinations(summary), findings), summary, destination_fields(),
                    kDestinations),
      workers_(chosen(ranked_workers(summary), findings), summary, worker_fields(), kWorkers) {}

void PageSeries::end_point(std::uint64_t realtime_ns) {
  totals_.end_point();
  listeners_.end_point();
  destinations_.end_point();
  workers_.end_point();
  // A clock may have been set back; what is plotted goes on.
  ends_.push_back(ends_.empty() ? realtime_ns : std::max(realtime_ns, ends_.back() + 1));
  in_point_ = 0;
}

void PageSeries::add(const Snapshot& snapshot) {
  if (snapshot.interval <= 0) return;
  const auto length = static_cast<std::uint64_t>(snapshot.interval * 1e9);
  const std::uint64_t begin = snapshot.realtime_ns - std::min(length, snapshot.realtime_ns);
  if (last_ns_ == 0) begin_ns_ = begin;
  const bool gap = last_ns_ != 0 && begin > last_ns_ + length / 2;  // nothing was recorded
  if (gap && ends_.size() < 2 * kPoints) {
    if (in_point_ != 0) end_point(last_ns_);
    end_point(begin);
  }
  const Coverage coverage(snapshot);
  totals_.add(snapshot, coverage);
  listeners_.add(snapshot, coverage);
  destinations_.add(snapshot, coverage);
  workers_.add(snapshot, coverage);
  last_ns_ = snapshot.realtime_ns;
  if (++in_point_ >= per_point_) end_point(last_ns_);
}

void PageSeries::end() {
  if (in_point_ != 0) end_point(last_ns_);
}

}  // namespace tcpwatch
