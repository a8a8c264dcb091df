// SPDX-License-Identifier: Apache-2.0
//
// slow-upstream and keepalive-pileup: what holds connections, by the looks through the socket
// table.
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/destination_state.h"
#include "diagnosis/room.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr const char* kSource = "socket table";

// Whose connections wait, who has most of them first.
void name_who_waits(const Case& about, const Destination& row, Finding& finding) {
  struct Waiter {
    std::uint64_t waiting;
    std::uint32_t pid;
  };
  std::vector<Waiter> waiters;
  for (const Route& route : row.routes)
    if (route.sockets && route.sockets->waiting != 0)
      waiters.push_back({route.sockets->waiting, route.worker.pid});
  if (waiters.empty()) return;
  std::ranges::stable_sort(waiters, std::ranges::greater(), &Waiter::waiting);
  finding.pids.clear();
  for (const Waiter& waiter : waiters) finding.pids.push_back(waiter.pid);
  finding.subject.pid = finding.pids.front();
  if (const Worker* worker = about.chart.last_of(finding.subject.pid))
    finding.subject.comm = worker->comm;
  finding.evidence.push_back(
      counted("waiting_of_pid", static_cast<double>(waiters.front().waiting), kSource));
}

// Who waits there has no room for more.
bool fills(const Destination& row, const Findings& findings) {
  return std::ranges::any_of(row.routes, [&](const Route& route) {
    return route.sockets && route.sockets->waiting != 0 && lacks_room(findings, route.worker.pid);
  });
}

// A program that only ever sends (logs, metrics) never receives, too: few connections, and no new
// ones.
void slow_upstream(const Case& about, const Destination& row, const DestinationTrack& track,
                   Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto waits = [&](const DestinationSample& sample) {
    return sample.unanswered >= limits.unanswered_replies &&
           sample.unanswered_for >= limits.reply_after &&
           static_cast<double>(sample.unanswered) >=
               limits.unanswered_share * static_cast<double>(sample.established);
  };
  if (track.empty() || track.trailing(waits) < limits.hold) return;
  if (track.sum(&DestinationSample::established_out) == 0 && !fills(row, findings)) return;
  const DestinationSample& now = track.latest();
  Finding finding = destination_finding("slow-upstream", about, row, {});
  finding.evidence = {
      counted("waiting", static_cast<double>(now.unanswered), kSource),
      seconds_taken("longest", now.unanswered_for, kSource),
      counted("established", static_cast<double>(now.established), about.sight.source("states"))};
  name_who_waits(about, row, finding);
  finding.severity = Severity::kWarning;
  finding.confidence = 0.85;
  finding.lasted = track.trailing(waits);
  finding.summary =
      fmt::format("{} of {} connections of {} to {} wait for a first byte, the longest for {}",
                  now.unanswered, now.established, name_of(about.chart, finding.pids), row.address,
                  format_seconds(now.unanswered_for));
  finding.next_step =
      within(about.chart, finding.subject,
             fmt::format("ss -tinp dst {}   # what waits; then look at that server", row.address));
  finding.do_not = "do not raise limits on this side: they fill up as well";
  findings.push_back(std::move(finding));
}

// Towards which destination most of a worker's idle connections lead; null: they are its clients'.
const Destination* idle_towards(const Case& about, const Worker& row, double idle) {
  for (const auto& [place, entry] : about.chart.destinations()) {
    if (!entry.row) continue;
    for (const Route& route : entry.row->routes)
      if (route.worker == row.id && route.sockets &&
          static_cast<double>(route.sockets->idle) > idle / 2)
        return entry.row;
  }
  return nullptr;
}

// Idle connections are what keepalive is for: only where they take the room of others.
void idle_crowd(const Case& about, const Worker& row, const Track<WorkerSample>& track,
                Findings& findings) {
  const Thresholds& limits = about.limits;
  if (!row.sockets || !row.fds || row.fds->limit == 0 || track.seconds() < limits.hold) return;
  const auto idle = static_cast<double>(row.sockets->idle);
  const double all = idle + static_cast<double>(row.sockets->active);
  const double budget = limits.budget != 0 ? static_cast<double>(limits.budget) : row.fds->limit;
  if (all < limits.idle_used * budget || idle < limits.idle_share * all) return;
  Finding finding;
  finding.id = "keepalive-pileup";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  finding.severity = Severity::kWarning;
  finding.confidence = 0.85;
  finding.lasted = track.seconds();
  finding.summary = fmt::format(
      "{} of {} connections of {} have been idle for a minute; they take {} of its room",
      format_count(idle), format_count(all), name_of(row), format_percent(all / budget));
  finding.evidence = {counted("idle", idle, kSource), counted("established", all, kSource),
                      counted("limit", budget, "/proc/PID/limits")};
  finding.next_step = "shorten the keepalive timeout (nginx: keepalive_timeout 15s;)";
  if (const Destination* upstream = idle_towards(about, row, idle)) {
    finding.subject.destination = upstream->address;
    finding.summary += ", most of them to " + upstream->address;
    finding.next_step = "keep fewer idle connections to it (nginx: keepalive N; of the upstream)";
  }
  finding.do_not = "do not raise the limit first: idle connections fill any";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_slow_upstreams(const Case& about, Findings& findings) {
  for (const auto& [place, entry] : about.chart.destinations())
    if (entry.row) slow_upstream(about, *entry.row, entry.track, findings);
}

void find_idle_crowds(const Case& about, Findings& findings) {
  for (const auto& [id, entry] : about.chart.workers())
    if (entry.row) idle_crowd(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
