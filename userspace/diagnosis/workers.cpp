// SPDX-License-Identifier: Apache-2.0
//
// worker-not-accepting: connections wait in a queue and nobody takes them.
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/busy.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

bool stuck(const ListenerSample& sample) { return sample.queue_now > 0 && sample.accepts == 0; }

// Others of the same reuseport group took so many meanwhile.
double taken_by_siblings(const Case& about, const Listener& row) {
  if (!row.reuseport_group) return 0;
  double taken = 0;
  for (const auto& [key, entry] : about.chart.listeners())
    if (entry.row && entry.row != &row && entry.row->reuseport_group == row.reuseport_group)
      taken += entry.track.sum(&ListenerSample::accepts);
  return taken;
}

// Members of a group share an address, and with it the list of who accepts there. Whoever serves
// this socket has accepted nothing meanwhile.
std::vector<std::uint32_t> idle_ones(const Case& about, const Listener& row, double lasted) {
  if (!row.reuseport_group || row.owners.empty()) return acceptors(about, row);
  const std::uint32_t first = row.owners.front();
  const auto children = about.chart.children(first);
  std::vector<std::uint32_t> pids = row.owners;
  pids.insert(pids.end(), children.begin(), children.end());
  std::erase_if(pids, [&](std::uint32_t pid) {
    if (pid == first && !children.empty()) return true;  // it listens for them
    const auto* track = about.chart.worker_track(pid);
    return track && std::ranges::any_of(track->samples(), [&](const WorkerSample& sample) {
             return sample.accepts != 0 && sample.end > about.chart.now() - lasted;
           });
  });
  std::ranges::sort(pids);
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids.empty() ? acceptors(about, row) : pids;
}

void judge(const Case& about, const Listener& row, const Track<ListenerSample>& track,
           Findings& findings) {
  const double lasted = track.trailing(stuck);
  if (lasted < about.limits.hold) return;
  Finding finding = listener_finding("worker-not-accepting", about, row);
  finding.pids = idle_ones(about, row, lasted);
  const BusyGroup busy = busy_of(about, finding.pids);
  if (!busy.pids.empty()) finding.pids = busy.pids;
  finding.subject.pid = finding.pids.empty() ? 0 : finding.pids.front();
  const double siblings = taken_by_siblings(about, row);
  const bool loses = track.latest().full();
  const bool stopped = busy.busy.with == Occupation::kStopped;
  finding.severity = loses || stopped || siblings > 0 ? Severity::kCritical : Severity::kWarning;
  finding.lasted = lasted;
  finding.summary = fmt::format("{} takes nothing from {} for {}: {} connections wait",
                                name_of(about.chart, finding.pids), row.address,
                                format_seconds(lasted), row.queue_now);
  if (siblings > 0)
    finding.summary += fmt::format(", while its siblings took {}", format_count(siblings));
  if (busy.busy.with != Occupation::kUnknown) {
    finding.summary += "; it " + busy.busy.text;
    finding.evidence.push_back(share("seen_so", busy.busy.share, busy.busy.source));
    finding.evidence.insert(finding.evidence.end(), busy.busy.evidence.begin(),
                            busy.busy.evidence.end());
    if (busy.busy.vague) doubt(finding, 0.9, kNoWaitChannel);
  } else {
    doubt(finding, 0.8, "what the process does (/proc/PID/stat, wchan)");
  }
  const std::string queue = about.sight.source("listener_queues", "listener table");
  finding.evidence.push_back(counted("queue", row.queue_now, queue));
  finding.evidence.push_back(counted("accepts", 0, about.sight.source("states")));
  finding.evidence.push_back(seconds_taken("lasted", lasted, "snapshots"));
  if (row.reuseport_group)
    finding.evidence.push_back(counted("siblings_accepts", siblings, about.sight.source("states")));
  finding.next_step = finding.subject.pid == 0
                          ? within(about.chart, finding.subject,
                                   fmt::format("ss -lntp 'sport = :{}'   # who owns it", row.port))
                          : what_to_do(busy.busy, finding.subject.pid);
  finding.do_not = busy.busy.with == Occupation::kStarved
                       ? "do not raise the backlog, or restart the worker: it gets no CPU"
                       : "do not raise the backlog: nobody takes from the queue";
  findings.push_back(std::move(finding));
}

// It takes some, each after a long wait. Told only of an owner that gets no CPU: whoever is slow
// for a reason of its own drops handshakes before long, and then accept-queue-overflow says it.
// Whenever it runs it takes all that there are: the queue need not be in use at each look.
void judge_starved(const Case& about, const Listener& row, const Track<ListenerSample>& track,
                   Findings& findings) {
  const auto late = [&](const ListenerSample& sample) {
    return sample.wait >= about.limits.slow_accept || stuck(sample);
  };
  const double now = about.chart.now();
  const auto told = [&](const Finding& finding) {
    return finding.severity != Severity::kInfo && finding.subject.listener == row.address &&
           finding.subject.netns == row.netns;
  };
  if (!track.seen_within(late, now, about.limits.stale) ||
      track.seconds_of(late) < about.limits.hold || track.trailing(stuck) >= about.limits.hold)
    return;
  const BusyGroup busy = busy_of(about, acceptors(about, row));
  if (busy.busy.with != Occupation::kStarved) return;
  double wait = -1;
  for (const ListenerSample& sample : track.samples()) wait = std::max(wait, sample.wait);
  if (wait < about.limits.slow_accept || std::ranges::any_of(findings, told)) return;
  Finding finding = listener_finding("worker-not-accepting", about, row);
  finding.pids = busy.pids;
  finding.subject.pid = busy.pids.front();
  finding.severity = Severity::kWarning;
  finding.lasted = track.age_of_first(late, now);
  finding.summary = fmt::format(
      "{} is late to take connections from {}: they wait up to {} (median), {} do now; it {}",
      name_of(about.chart, finding.pids), row.address, format_seconds(wait), row.queue_now,
      busy.busy.text);
  const std::string queue = about.sight.source("listener_queues", "listener table");
  finding.evidence = busy.busy.evidence;
  finding.evidence.push_back(counted("queue", row.queue_now, queue));
  finding.evidence.push_back(seconds_taken("accept_wait_p50", wait, about.sight.source("accepts")));
  finding.next_step = busy.busy.next_step;
  finding.do_not = "do not raise the backlog, or restart the worker: it gets no CPU";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_idle_workers(const Case& about, Findings& findings) {
  for (const auto& [key, entry] : about.chart.listeners()) {
    if (!entry.row || entry.track.empty()) continue;
    judge(about, *entry.row, entry.track, findings);
    judge_starved(about, *entry.row, entry.track, findings);
  }
}

}  // namespace tcpwatch
