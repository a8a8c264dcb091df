// SPDX-License-Identifier: Apache-2.0
//
// fd-exhaustion: open files near or at the limit, or calls refused for want of a descriptor.
#include <fmt/format.h>

#include "base/human.h"
#include "diagnosis/rules.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

void judge(const Case& about, const Worker& row, const Track<WorkerSample>& track,
           Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto refuses = [](const WorkerSample& sample) { return sample.refused != 0; };
  const bool refuses_now = track.troubled_within(about.chart.now(), limits.stale) &&
                           track.seen_within(refuses, about.chart.now(), limits.stale);
  const double share_open =
      row.fds && row.fds->limit != 0 ? static_cast<double>(row.fds->open) / row.fds->limit : 0;
  if (!refuses_now && share_open < limits.fds_warning) return;
  const double refused = track.sum(&WorkerSample::refused);
  Finding finding;
  finding.id = "fd-exhaustion";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  finding.severity =
      refuses_now || share_open >= limits.fds_critical ? Severity::kCritical : Severity::kWarning;
  finding.lasted = refuses_now ? track.age_of_first(refuses, about.chart.now()) : 0;
  finding.summary = row.fds ? fmt::format("{} has {} of {} descriptors open ({})", name_of(row),
                                          row.fds->open, row.fds->limit, format_percent(share_open))
                            : name_of(row) + " runs out of descriptors";
  if (refuses_now)
    finding.summary += fmt::format(", {} accept() or socket() refused with EMFILE or ENFILE",
                                   format_count(refused));
  if (row.fds) {
    finding.evidence = {counted("open", row.fds->open, "/proc/PID/fd"),
                        counted("limit", row.fds->limit, "/proc/PID/limits"),
                        share("used", share_open, "/proc/PID/fd")};
  } else {
    doubt(finding, 0.8, "its descriptors (/proc/PID/fd is not readable)");
  }
  // Where refused calls cannot be seen, none counted means nothing.
  if (about.sight.of("fd_refusals") > 0)
    finding.evidence.push_back(counted("refused", refused, about.sight.source("fd_refusals")));
  else
    doubt(finding, 0.9, "fd_refusals is not watched on this kernel");
  finding.next_step = raise_descriptors(row.id.pid, row.fds ? row.fds->limit : 0) +
                      "   # relief; then LimitNOFILE= or worker_rlimit_nofile";
  finding.do_not = "do not only raise the limit if the count never falls: then something leaks";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_full_descriptors(const Case& about, Findings& findings) {
  for (const auto& [id, entry] : about.chart.workers())
    if (entry.row) judge(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
