// SPDX-License-Identifier: Apache-2.0
//
// connection-watermark and connection-inflow: how near the limit, and how soon. The law of the
// water level: change = opened - released.
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/rules.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

double budget_of(const Case& about, const Worker& row) {
  if (about.limits.budget != 0) return static_cast<double>(about.limits.budget);
  return row.fds ? static_cast<double>(row.fds->limit) : 0;
}

Finding of(std::string_view id, const Worker& row) {
  Finding finding;
  finding.id = id;
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  return finding;
}

void watermark(const Case& about, const Worker& row, const Track<WorkerSample>& track,
               Findings& findings) {
  const double budget = budget_of(about, row);
  const auto high = [&](const WorkerSample& sample) {
    return budget > 0 && static_cast<double>(sample.established) >= about.limits.watermark * budget;
  };
  const double lasted = track.trailing(high);
  if (lasted < about.limits.hold) return;
  Finding finding = of("connection-watermark", row);
  finding.severity = Severity::kWarning;
  finding.lasted = lasted;
  const double now = static_cast<double>(track.latest().established);
  finding.summary =
      fmt::format("{} holds {} established connections, {} of its budget of {}", name_of(row),
                  format_count(now), format_percent(now / budget), format_count(budget));
  finding.evidence = {
      counted("established", now, about.sight.source("states")),
      counted("budget", budget, about.limits.budget != 0 ? "configured" : "/proc/PID/limits")};
  finding.next_step =
      fmt::format("tcpwatch sockets --by process --pid {}   # which states", row.id.pid);
  finding.do_not = "do not raise the budget before knowing why they are not released";
  findings.push_back(std::move(finding));
}

void inflow(const Case& about, const Worker& row, const Track<WorkerSample>& track,
            Findings& findings) {
  const Thresholds& limits = about.limits;
  if (track.latest().established < limits.inflow_least) return;
  const auto& samples = track.samples();
  const double seconds = samples.back().end - samples.front().end;
  const std::int64_t grown = samples.back().established - samples.front().established;
  const double budget = budget_of(about, row);
  if (seconds < limits.inflow_seconds || grown < limits.inflow_least || budget <= 0) return;
  std::size_t rises = 0;
  for (std::size_t i = 1; i < samples.size(); ++i)
    rises += samples[i].established > samples[i - 1].established ? 1 : 0;
  const double opened = track.sum(&WorkerSample::opened);
  const double closed = track.sum(&WorkerSample::closes);
  const bool steady =
      static_cast<double>(rises) >= limits.inflow_steady * static_cast<double>(samples.size() - 1);
  const double left = budget - static_cast<double>(samples.back().established);
  const double until = left / (static_cast<double>(grown) / seconds);
  const bool early = until > limits.limit_close &&
                     static_cast<double>(samples.back().established) < limits.inflow_used * budget;
  if (early || !steady || opened < limits.inflow_ratio * closed || until > limits.limit_near)
    return;
  Finding finding = of("connection-inflow", row);
  finding.severity = until <= limits.limit_close ? Severity::kCritical : Severity::kWarning;
  finding.confidence = 0.8;
  finding.lasted = seconds;
  finding.summary =
      fmt::format("{} opens {} and releases {}: {} established, its limit of {} is reached in {}",
                  name_of(row), rate_of(opened, track.seconds()), rate_of(closed, track.seconds()),
                  format_count(static_cast<double>(samples.back().established)),
                  format_count(budget), format_seconds(std::max(until, 0.0)));
  const std::string source = about.sight.source("states");
  finding.evidence = {
      rate("opened", per_second_of(opened, track.seconds()), source),
      rate("released", per_second_of(closed, track.seconds()), source),
      counted("established", static_cast<double>(samples.back().established), source),
      seconds_taken("until_limit", std::max(until, 0.0), "rate of the window")};
  finding.next_step = fmt::format(
      "tcpwatch sockets --by process --pid {}   # idle, or waiting for an upstream?", row.id.pid);
  finding.do_not = "do not add CPUs or pods first: find out what is not released";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_rising_levels(const Case& about, Findings& findings) {
  for (const auto& [id, entry] : about.chart.workers()) {
    if (!entry.row || entry.track.empty()) continue;
    watermark(about, *entry.row, entry.track, findings);
    inflow(about, *entry.row, entry.track, findings);
  }
}

}  // namespace tcpwatch
