// SPDX-License-Identifier: Apache-2.0
//
// accept-queue-overflow and backlog-capped.
#include "diagnosis/accept_queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/busy.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

bool bad(const ListenerSample& sample) { return sample.drops() != 0 || sample.full(); }

bool is_nginx(const Listener& row) { return row.comm == "nginx"; }

std::string raise_backlog(const Case& about, const Listener& row, const Subject& who) {
  const std::string port = std::to_string(row.port);
  const std::string listen = is_nginx(row)
                                 ? fmt::format("`listen {} backlog=4096;` and restart nginx", port)
                                 : std::string("pass a larger backlog to listen() and restart");
  if (row.listen_backlog || row.queue_limit < row.somaxconn)
    return fmt::format("raise the backlog of {} (now {}): {}", row.address, row.queue_limit,
                       listen);
  return within(about.chart, who,
                fmt::format("sysctl -w net.core.somaxconn=4096   # then {}", listen));
}

void add_evidence(Finding& finding, const Case& about, const Listener& row,
                  const Track<ListenerSample>& track, const QueueState& state) {
  const std::string queue = about.sight.source("listener_queues", "listener table");
  const auto source = [&](const char* signal) { return about.sight.source(signal); };
  finding.evidence = {
      rate("drops_syn", per_second_of(track.sum(&ListenerSample::syn), state.seconds),
           source("overflow_syn")),
      rate("drops_ack", per_second_of(track.sum(&ListenerSample::ack), state.seconds),
           source("overflow_ack")),
      counted("queue", std::max(row.queue_now, row.queue_peak), queue),
      counted("queue_full_at", static_cast<double>(row.queue_limit) + 1, queue),
      rate("accepts", per_second_of(state.accepts, state.seconds), source("states")),
      share("looks_full", state.full_share, queue)};
  if (state.wait >= 0)
    finding.evidence.push_back(seconds_taken("accept_wait_p50", state.wait, source("accepts")));
}

void find_overflow(const Case& about, const Listener& row, const Track<ListenerSample>& track,
                   Findings& findings) {
  const QueueState state = queue_state(about, track);
  if (state.bad_seconds <= 0) return;
  const bool lasts =
      state.bad_seconds >= about.limits.hold && state.quiet_for <= about.limits.stale;
  // A full queue alone loses nothing yet; one that waits for its owner is worker-not-accepting's.
  if (!lasts && state.drops <= 0) return;
  Finding finding = listener_finding("accept-queue-overflow", about, row);
  finding.lasted = state.since;
  add_evidence(finding, about, row, track, state);
  const std::string who = fmt::format("{} ({})", row.address, row.comm);
  if (!lasts) {
    finding.summary = fmt::format("{} dropped {} handshakes in a burst of {} that has drained", who,
                                  format_count(state.drops), format_seconds(state.bad_seconds));
    finding.next_step = "tcpwatch top   # see whether it comes again";
    findings.push_back(std::move(finding));
    return;
  }
  finding.severity = state.drops > 0 ? Severity::kCritical : Severity::kWarning;
  const std::string loses = state.drops > 0
                                ? fmt::format("drops {}", rate_of(state.drops, state.seconds))
                                : std::string("has a full queue");
  const std::uint64_t full = std::uint64_t{row.queue_limit} + 1;
  const BusyGroup busy = busy_of(about, acceptors(about, row));
  if (state.only_bursts(about.limits) && busy.busy.with != Occupation::kStarved) {
    finding.summary = fmt::format(
        "{} {}: bursts overflow its small backlog of {}, though its owner takes what comes", who,
        loses, row.queue_limit);
    finding.next_step = raise_backlog(about, row, finding.subject);
    finding.do_not = "do not add workers: those that there are keep up";
    findings.push_back(std::move(finding));
    return;
  }
  const auto& blamed = busy.pids.empty() ? finding.pids : busy.pids;
  finding.summary = fmt::format("{} {}: its queue is full ({} of {}) because its owner is slow",
                                who, loses, std::max(row.queue_now, row.queue_peak), full);
  if (busy.busy.with != Occupation::kUnknown) {
    finding.summary += fmt::format(": {} {}", name_of(about.chart, blamed), busy.busy.text);
    finding.evidence.push_back(share("owner_busy", busy.busy.share, busy.busy.source));
    finding.evidence.insert(finding.evidence.end(), busy.busy.evidence.begin(),
                            busy.busy.evidence.end());
    finding.subject.pid = blamed.front();
    if (busy.busy.vague) doubt(finding, 0.9, kNoWaitChannel);
  } else {
    doubt(finding, 0.8, "what its owner is busy with");
  }
  finding.next_step = blamed.empty()
                          ? within(about.chart, finding.subject,
                                   fmt::format("ss -lntp 'sport = :{}'   # who owns it", row.port))
                          : what_to_do(busy.busy, blamed.front());
  finding.do_not = "do not raise the backlog: a longer queue only waits longer";
  findings.push_back(std::move(finding));
}

bool accepts_from_sibling(const Case& about, const Listener& row, std::uint32_t pid) {
  if (!row.reuseport_group) return false;
  return std::ranges::any_of(about.chart.listeners(), [&](const auto& other) {
    const Listener* sibling = other.second.row;
    return sibling && sibling != &row && sibling->reuseport_group == row.reuseport_group &&
           std::ranges::count(sibling->owners, pid) != 0;
  });
}

void find_small_backlog(const Case& about, const Listener& row, const Track<ListenerSample>& track,
                        Findings& findings) {
  const QueueState state = queue_state(about, track);
  const double full = static_cast<double>(row.queue_limit) + 1;
  const auto near = [&](const ListenerSample& sample) {
    return sample.queue_peak >= full * about.limits.queue_near;
  };
  const double near_seconds = track.seconds_of(near);
  const bool drops = state.drops > 0 && state.bad_seconds >= about.limits.hold &&
                     state.quiet_for <= about.limits.stale;
  if (near_seconds < about.limits.hold || !state.only_bursts(about.limits)) return;
  // Who gets no CPU for tens of milliseconds makes bursts of what comes evenly.
  if (busy_of(about, acceptors(about, row)).busy.with == Occupation::kStarved) return;
  Finding finding = listener_finding("backlog-capped", about, row);
  finding.severity = drops ? Severity::kWarning : Severity::kInfo;
  finding.lasted = track.age_of_first(near, about.chart.now());
  const bool capped = row.somaxconn != 0 && row.queue_limit >= row.somaxconn;
  finding.summary =
      fmt::format("the backlog of {} ({}) is {}{}: too small for its bursts", row.address, row.comm,
                  row.queue_limit, capped ? ", all that net.core.somaxconn allows" : "");
  finding.next_step = raise_backlog(about, row, finding.subject);
  finding.evidence = {
      counted("backlog", row.queue_limit, about.sight.source("listener_queues", "listener table")),
      counted("somaxconn", row.somaxconn, "net.core.somaxconn"),
      counted("queue_peak", row.queue_peak,
              about.sight.source("listener_queues", "listener table"))};
  findings.push_back(std::move(finding));
}

}  // namespace

QueueState queue_state(const Case& about, const Track<ListenerSample>& track) {
  QueueState state;
  state.seconds = track.seconds();
  state.drops = track.sum(&ListenerSample::syn) + track.sum(&ListenerSample::ack);
  state.accepts = track.sum(&ListenerSample::accepts);
  state.bad_seconds = track.seconds_of(bad);
  state.since = track.age_of_first(bad, about.chart.now());
  state.quiet_for = track.age_of_last(bad, about.chart.now());
  double full = 0;
  for (const ListenerSample& sample : track.samples()) {
    if (sample.end < about.chart.now() - state.since) continue;
    full += sample.full() ? 1 : 0;
    state.wait = std::max(state.wait, sample.wait);
  }
  // Of the looks since it began: what was before says nothing of its owner.
  const double looks =
      static_cast<double>(std::ranges::count_if(track.samples(), [&](const ListenerSample& sample) {
        return sample.end >= about.chart.now() - state.since;
      }));
  state.full_share = looks > 0 ? full / looks : 0;
  return state;
}

std::vector<std::uint32_t> acceptors(const Case& about, const Listener& row) {
  std::vector<std::uint32_t> pids;
  for (const std::uint32_t pid : row.owners)
    if (about.chart.worker(pid)) pids.push_back(pid);
  if (pids.empty()) pids = row.owners;
  if (pids.empty() || pids.front() != row.owners.front()) return pids;
  const auto* first = about.chart.worker_track(pids.front());
  if (first && first->sum(&WorkerSample::accepts) != 0) return pids;
  // It listens, and others accept: those that were seen to, else its children, but for those who
  // are busy with another socket of the group.
  if (pids.size() > 1) {
    pids.erase(pids.begin());
    return pids;
  }
  auto children = about.chart.children(pids.front());
  std::erase_if(children, [&](std::uint32_t pid) { return accepts_from_sibling(about, row, pid); });
  return children.empty() ? pids : children;
}

Finding listener_finding(std::string_view id, const Case& about, const Listener& row) {
  Finding finding;
  finding.id = id;
  finding.pids = acceptors(about, row);
  finding.subject = {finding.pids.empty() ? 0 : finding.pids.front(), row.comm, row.address, "",
                     row.netns};
  return finding;
}

void find_queue_overflows(const Case& about, Findings& findings) {
  for (const auto& [key, entry] : about.chart.listeners()) {
    if (!entry.row || entry.track.empty()) continue;
    find_overflow(about, *entry.row, entry.track, findings);
    find_small_backlog(about, *entry.row, entry.track, findings);
  }
}

}  // namespace tcpwatch
