// SPDX-License-Identifier: Apache-2.0
//
// close-wait-leak, fin-wait2-pileup, time-wait-high: sockets that stay in a state of closing.
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/rules.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

// Never falls by more than a tenth of what it has grown by: a burst that is worked off falls.
bool only_grows(std::span<const WorkerSample> samples, std::int64_t grown) {
  std::int64_t highest = samples.front().close_wait;
  std::int64_t fall = 0;
  std::size_t rises = 0;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    rises += samples[i].close_wait > samples[i - 1].close_wait ? 1 : 0;
    highest = std::max(highest, samples[i].close_wait);
    fall = std::max(fall, highest - samples[i].close_wait);
  }
  return fall * 10 <= grown && rises >= 3;
}

void close_wait(const Case& about, const Worker& row, const Track<WorkerSample>& track,
                Findings& findings) {
  const Thresholds& limits = about.limits;
  if (track.latest().close_wait < std::min(limits.close_wait, limits.close_wait_growing)) return;
  const auto& samples = track.samples();
  const double seconds = samples.back().end - samples.front().end;
  const std::int64_t now = samples.back().close_wait;
  const std::int64_t grown = now - samples.front().close_wait;
  const auto many = [&](const WorkerSample& sample) {
    return sample.close_wait >= limits.close_wait;
  };
  const bool high = track.trailing(many) >= limits.hold;
  const bool growing = seconds >= limits.leak_seconds && grown >= limits.close_wait_growing &&
                       only_grows(samples, grown);
  if (!high && !growing) return;
  Finding finding;
  finding.id = "close-wait-leak";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  finding.severity = Severity::kWarning;
  finding.confidence = high && growing ? 0.95 : 0.85;
  finding.lasted = seconds;
  const double slope = seconds > 0 ? static_cast<double>(grown) / seconds : 0;
  finding.summary = fmt::format(
      "{} does not close {} connections that its peers have closed (CLOSE_WAIT, {}{}/min)",
      name_of(row), format_count(static_cast<double>(now)), slope >= 0 ? "+" : "",
      format_count(slope * 60));
  const std::string source = about.sight.source("states");
  finding.evidence = {counted("close_wait", static_cast<double>(now), source),
                      rate("growth", slope, source)};
  if (row.sockets && row.sockets->close_waits) {
    const CloseWaits& leak = *row.sockets->close_waits;
    finding.evidence.push_back(seconds_taken("oldest", leak.oldest, "socket table"));
    finding.summary +=
        fmt::format(", the oldest for {} from {}", format_seconds(leak.oldest), leak.peer);
  }
  if (row.fds && row.fds->limit != 0) {
    const double left = static_cast<double>(row.fds->limit) - row.fds->open;
    finding.evidence.push_back(counted("descriptors_left", left, "/proc/PID/limits"));
    if (growing && slope > 0 && left / slope <= limits.limit_near) {
      finding.severity = Severity::kCritical;
      finding.summary += fmt::format("; its descriptors last {}", format_seconds(left / slope));
    }
  }
  finding.next_step = fmt::format(
      "tcpwatch sockets --list --state CLOSE_WAIT --pid {}   # whose peers; fix the missing "
      "close()",
      row.id.pid);
  finding.do_not = "no sysctl ends CLOSE_WAIT: only close() or the end of the process does";
  findings.push_back(std::move(finding));
}

void fin_wait2(const Case& about, const Worker& row, const Track<WorkerSample>& track,
               Findings& findings) {
  const auto many = [&](const WorkerSample& sample) {
    return sample.fin_wait2 >= about.limits.fin_wait2;
  };
  const double lasted = track.trailing(many);
  if (lasted < about.limits.hold) return;
  Finding finding;
  finding.id = "fin-wait2-pileup";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  finding.severity = Severity::kWarning;
  finding.confidence = 0.9;
  finding.lasted = lasted;
  finding.summary =
      fmt::format("{} has {} connections in FIN_WAIT2: their peers never close", name_of(row),
                  format_count(static_cast<double>(track.latest().fin_wait2)));
  finding.evidence = {counted("fin_wait2", static_cast<double>(track.latest().fin_wait2),
                              about.sight.source("states"))};
  finding.next_step =
      fmt::format("tcpwatch sockets --list --state FIN_WAIT2 --pid {}   # which peers", row.id.pid);
  finding.do_not = "do not lower tcp_fin_timeout for these: it holds only after close()";
  findings.push_back(std::move(finding));
}

// Whose closing left most of them, if the tracer saw it: the kernel keeps no owner.
const Worker* maker_of(const Case& about, std::uint32_t netns) {
  const Worker* most = nullptr;
  for (const auto& [id, entry] : about.chart.workers()) {
    const Worker* row = entry.row;
    if (!row || row->netns != netns || !row->sockets || row->sockets->time_waits == 0) continue;
    if (!most || row->sockets->time_waits > most->sockets->time_waits) most = row;
  }
  return most;
}

void time_wait(const Case& about, const Netns& row, const Track<NetnsSample>& track,
               Findings& findings) {
  const auto many = [&](const NetnsSample& sample) {
    return sample.time_wait >= about.limits.time_wait;
  };
  const double lasted = track.trailing(many);
  if (lasted < about.limits.hold) return;
  Finding finding;
  finding.id = "time-wait-high";
  finding.subject.netns = row.inode;
  finding.severity = Severity::kWarning;
  finding.confidence = 0.9;
  finding.lasted = lasted;
  finding.summary = fmt::format("{} sockets in TIME_WAIT: this side closes first, very often",
                                format_count(track.latest().time_wait));
  finding.evidence = {counted("time_wait", track.latest().time_wait, "/proc/net/sockstat")};
  if (const Worker* maker = maker_of(about, row.inode)) {
    const auto made = static_cast<double>(maker->sockets->time_waits);
    finding.subject.pid = maker->id.pid;
    finding.subject.comm = maker->comm;
    finding.pids = {maker->id.pid};
    finding.summary += fmt::format("; {} made {} of them", name_of(*maker), format_count(made));
    finding.evidence.push_back(counted("made_by_it", made, "socket table"));
  } else {
    finding.unseen = "who made them: nobody whom tcpwatch has seen closing them";
  }
  finding.next_step = "tcpwatch sockets --by destination --state TIME_WAIT   # towards whom";
  finding.do_not = "do not lower tcp_fin_timeout: TIME_WAIT lasts a fixed 60 s";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_leaks(const Case& about, Findings& findings) {
  for (const auto& [id, entry] : about.chart.workers()) {
    if (!entry.row || entry.track.empty()) continue;
    close_wait(about, *entry.row, entry.track, findings);
    fin_wait2(about, *entry.row, entry.track, findings);
  }
  for (const auto& [inode, entry] : about.chart.namespaces())
    if (entry.row && !entry.track.empty()) time_wait(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
