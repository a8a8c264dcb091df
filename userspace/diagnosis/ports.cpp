// SPDX-License-Identifier: Apache-2.0
//
// ephemeral-port-exhaustion and its early sign, connect-slow-in-kernel.
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/destination_state.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr const char* kNotThese =
    "do not lower tcp_fin_timeout (TIME_WAIT is a fixed 60 s), do not raise backlogs or workers";

bool reuse_may_help(const Destination& row, const Track<NetnsSample>* netns) {
  const std::int64_t held = std::max<std::int64_t>(row.states[TW_ESTABLISHED], 0);
  return netns && static_cast<std::int64_t>(netns->latest().time_wait) > held;
}

const Track<NetnsSample>* netns_of(const Case& about, std::uint32_t inode) {
  const auto found = about.chart.namespaces().find(inode);
  return found == about.chart.namespaces().end() || found->second.track.empty()
             ? nullptr
             : &found->second.track;
}

void judge_missing(const Case& about, const Destination& row, const DestinationTrack& track,
                   Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto none_left = [](const DestinationSample& sample) {
    return sample.failures[TW_REASON_EADDRNOTAVAIL] != 0;
  };
  if (!track.troubled_within(about.chart.now(), limits.stale)) return;
  if (!track.seen_within(none_left, about.chart.now(), limits.stale)) return;
  const FailureState state = failures_of(about, track, {TW_REASON_EADDRNOTAVAIL});
  if (state.failures < static_cast<double>(limits.no_port) || state.quiet_for > limits.stale)
    return;
  Finding finding =
      destination_finding("ephemeral-port-exhaustion", about, row, {TW_REASON_EADDRNOTAVAIL});
  const bool many = state.failures >= static_cast<double>(limits.no_port_critical);
  finding.severity = many ? Severity::kCritical : Severity::kWarning;
  finding.confidence = many ? 0.95 : 0.7;
  finding.lasted = state.since;
  const double seconds = std::max(state.bad_seconds, 1.0);
  finding.summary = fmt::format(
      "no source port is left to {}: {} of {} connects failed with EADDRNOTAVAIL ({}), by {}",
      row.address, format_count(state.failures), format_count(state.connects),
      rate_of(state.failures, seconds), name_of(about.chart, finding.pids));
  const auto* netns = netns_of(about, row.netns);
  finding.evidence = {counted("eaddrnotavail", state.failures, about.sight.source("states")),
                      counted("connects", state.connects, about.sight.source("states")),
                      share("failed", state.share(), about.sight.source("states")),
                      counted("established", static_cast<double>(row.states[TW_ESTABLISHED]),
                              about.sight.source("states"))};
  if (netns)
    finding.evidence.push_back(
        counted("time_wait", netns->latest().time_wait, "/proc/net/sockstat of its namespace"));
  if (const double search = track.sum(&DestinationSample::searching);
      track.sum(&DestinationSample::searches) > 0)
    finding.evidence.push_back(seconds_taken("port_search_mean",
                                             search / track.sum(&DestinationSample::searches),
                                             about.sight.source("connect_kernel_time")));
  finding.next_step = within(
      about.chart, finding.subject,
      reuse_may_help(row, netns)
          ? "sysctl -w net.ipv4.tcp_tw_reuse=1   # relief; the cure: keep connections (a pool)"
          : "sysctl -w net.ipv4.ip_local_port_range='10240 65535'   # relief; they are held open");
  finding.do_not = kNotThese;
  findings.push_back(std::move(finding));
}

// Not yet: but most of the range is used, and at this rate the rest is gone within minutes.
void judge_rate(const Case& about, const Destination& row, const DestinationTrack& track,
                Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto soon = [&](const DestinationSample& sample) {
    return sample.ports >= limits.ports_used && sample.exhausted_in >= 0 &&
           sample.exhausted_in <= limits.ports_last;
  };
  if (!row.ports || track.empty() || track.trailing(soon) < limits.hold) return;
  if (failures_of(about, track, {TW_REASON_EADDRNOTAVAIL}).failures > 0) return;
  Finding finding = destination_finding("ephemeral-port-exhaustion", about, row, {});
  finding.severity = Severity::kWarning;
  finding.confidence = 0.8;
  finding.lasted = track.trailing(soon);
  const double left = track.latest().exhausted_in;
  finding.summary = fmt::format(
      "{} of {} source ports to {} are used; at this rate the first connect fails in {}, by {}",
      row.ports->used, row.ports->available.value_or(0), row.address, format_seconds(left),
      name_of(about.chart, finding.pids));
  const std::string source = "socket table";
  finding.evidence = {
      counted("ports_used", static_cast<double>(row.ports->used), source),
      counted("ports_available", static_cast<double>(row.ports->available.value_or(0)),
              "ip_local_port_range"),
      counted("time_wait", static_cast<double>(row.ports->time_waits), source),
      seconds_taken("exhausted_in", left, "rate of the last seconds")};
  finding.next_step =
      "keep connections to it (a pool); " +
      within(about.chart, finding.subject, "sysctl -w net.ipv4.tcp_tw_reuse=1   # relief");
  finding.do_not = kNotThese;
  findings.push_back(std::move(finding));
}

// A search that takes a thousand times its usual: most of the range is used.
void judge_search(const Case& about, const Destination& row, const DestinationTrack& track,
                  Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto slow = [&](const DestinationSample& sample) {
    return sample.search >= limits.port_search;
  };
  if (!track.seen_within(slow, about.chart.now(), limits.stale)) return;
  const double searches = track.sum(&DestinationSample::searches);
  if (searches < static_cast<double>(limits.port_searches) ||
      track.seconds_of(slow) < limits.hold ||
      track.age_of_last(slow, about.chart.now()) > limits.stale)
    return;
  Finding finding = destination_finding("connect-slow-in-kernel", about, row, {});
  finding.severity = Severity::kWarning;
  finding.confidence = 0.85;
  finding.lasted = track.age_of_first(slow, about.chart.now());
  const double mean = track.sum(&DestinationSample::searching) / searches;
  finding.summary = fmt::format(
      "connect() to {} takes the kernel {} to find a source port: the range is nearly used up, by "
      "{}",
      row.address, format_seconds(mean), name_of(about.chart, finding.pids));
  const std::string source = about.sight.source("connect_kernel_time");
  finding.evidence = {seconds_taken("port_search_mean", mean, source),
                      counted("searches", searches, source)};
  finding.next_step =
      fmt::format("tcpwatch sockets --by destination --port {}   # ports used, of how many",
                  row.address.substr(row.address.rfind(':') + 1));
  finding.do_not = kNotThese;
  findings.push_back(std::move(finding));
}

}  // namespace

void find_missing_ports(const Case& about, Findings& findings) {
  for (const auto& [place, entry] : about.chart.destinations())
    if (entry.row) {
      judge_missing(about, *entry.row, entry.track, findings);
      judge_rate(about, *entry.row, entry.track, findings);
    }
}

void find_slow_port_search(const Case& about, Findings& findings) {
  for (const auto& [place, entry] : about.chart.destinations())
    if (entry.row) judge_search(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
