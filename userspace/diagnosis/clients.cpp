// SPDX-License-Identifier: Apache-2.0
//
// slow-clients: connections that hardly send, by the looks through the socket table. They harm
// where they take the room of others; a pool that keeps connections ready looks the same, and does
// not.
#include <fmt/format.h>

#include "base/human.h"
#include "diagnosis/room.h"
#include "diagnosis/rules.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr const char* kSource = "socket table";

void judge(const Case& about, const Worker& row, const Track<WorkerSample>& track,
           Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto slow = [&](const WorkerSample& sample) {
    return sample.slow >= limits.slow_clients &&
           static_cast<double>(sample.slow) >=
               limits.slow_share * static_cast<double>(sample.sampled);
  };
  const double lasted = track.trailing(slow);
  if (lasted < limits.hold || !row.sockets) return;
  const double room = limits.budget != 0 ? static_cast<double>(limits.budget)
                      : row.fds          ? row.fds->limit
                                         : 0;
  const auto now = static_cast<double>(track.latest().slow);
  const bool takes_room = room > 0 && now >= limits.slow_room * room;
  Finding finding;
  finding.id = "slow-clients";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  finding.severity =
      takes_room || lacks_room(findings, row.id.pid) ? Severity::kWarning : Severity::kInfo;
  finding.confidence = 0.85;
  finding.lasted = lasted;
  finding.summary = fmt::format(
      "{} of {} connections of {} are from clients that hardly send: less than {} bytes in all, "
      "the "
      "longest for {}",
      format_count(now), format_count(static_cast<double>(track.latest().sampled)), name_of(row),
      TW_SLOW_BYTES, format_seconds(row.sockets->slow_since));
  finding.evidence = {counted("slow", now, kSource),
                      counted("connections", static_cast<double>(track.latest().sampled), kSource),
                      seconds_taken("longest", row.sockets->slow_since, kSource)};
  if (room > 0)
    finding.evidence.push_back(
        counted("room", room, limits.budget != 0 ? "configured" : "/proc/PID/limits"));
  finding.next_step = within(
      about.chart, finding.subject,
      "ss -tni state established   # which sources; then shorten how long a request may take "
      "(nginx: client_header_timeout 10s;)");
  finding.do_not = "do not raise limits: they take whatever there is";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_slow_clients(const Case& about, Findings& findings) {
  for (const auto& [id, entry] : about.chart.workers())
    if (entry.row && !entry.track.empty()) judge(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
