// SPDX-License-Identifier: Apache-2.0
//
// connect-refused, connect-unreachable, connect-timeout, connect-abandoned: what became of the
// connects to one destination, by the kernel's own verdicts.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "base/human.h"
#include "diagnosis/destination_state.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kRefusedNot = "do not raise timeouts: the answer came, and it was no";
constexpr std::string_view kSilentNot = "do not raise ports or backlogs here: the peer is silent";

void add_evidence(Finding& finding, const Case& about, const FailureState& state) {
  const std::string source = about.sight.source("states");
  finding.evidence = {
      counted("failures", state.failures, source), counted("connects", state.connects, source),
      counted("established", state.established, source), share("failed", state.share(), source)};
  if (state.gave_up >= 0)
    finding.evidence.push_back(seconds_taken("failed_after_p50", state.gave_up, source));
}

// A name that has both ::1 and 127.0.0.1, a server that listens on the latter alone: every client
// tries the first, is refused, and goes on.
bool other_loopback_works(const Case& about, const Destination& row) {
  constexpr std::string_view kSix = "[::1]:";
  if (!row.address.starts_with(kSix)) return false;
  const auto four =
      about.chart.destinations().find({row.netns, "127.0.0.1:" + row.address.substr(kSix.size())});
  return four != about.chart.destinations().end() &&
         four->second.track.sum(&DestinationSample::established_out) > 0;
}

std::string host_of(const std::string& address) {
  std::string host = address.substr(0, address.rfind(':'));
  std::erase_if(host, [](char byte) { return byte == '[' || byte == ']'; });
  return host;
}

std::string port_of(const std::string& address) { return address.substr(address.rfind(':') + 1); }

Severity severity_of(const Case& about, const FailureState& state) {
  const bool most = state.share() >= about.limits.fail_critical;
  return most && state.failures >= state.bad_seconds ? Severity::kCritical : Severity::kWarning;
}

void refused(const Case& about, const Destination& row, const DestinationTrack& track,
             Findings& findings) {
  const auto state = failures_of(about, track, {TW_REASON_ECONNREFUSED, TW_REASON_ECONNRESET});
  if (!state.lasts(about.limits) || other_loopback_works(about, row)) return;
  Finding finding = destination_finding("connect-refused", about, row,
                                        {TW_REASON_ECONNREFUSED, TW_REASON_ECONNRESET});
  finding.severity = severity_of(about, state);
  finding.confidence = 0.95;
  finding.lasted = state.since;
  finding.summary =
      fmt::format("{} refuses {} of {} connects of {}: nobody listens there, or it resets",
                  row.address, format_count(state.failures), format_count(state.connects),
                  name_of(about.chart, finding.pids));
  add_evidence(finding, about, state);
  finding.next_step =
      fmt::format("ss -lnt 'sport = :{}'   # on {}: does it listen? else a firewall rejects",
                  port_of(row.address), host_of(row.address));
  if (is_loopback(row.address))
    finding.next_step = within(about.chart, finding.subject, finding.next_step);
  finding.do_not = kRefusedNot;
  findings.push_back(std::move(finding));
}

void unreachable(const Case& about, const Destination& row, const DestinationTrack& track,
                 Findings& findings) {
  // Where there is no IPv6, every client of a name that has such an address tries it first.
  const auto host = {TW_REASON_EHOSTUNREACH};
  const auto both = {TW_REASON_EHOSTUNREACH, TW_REASON_ENETUNREACH};
  const auto& reasons = row.address.starts_with('[') ? host : both;
  const auto state = failures_of(about, track, reasons);
  if (!state.lasts(about.limits)) return;
  Finding finding = destination_finding("connect-unreachable", about, row, reasons);
  finding.severity = severity_of(about, state);
  finding.confidence = 0.95;
  finding.lasted = state.since;
  finding.summary = fmt::format(
      "no way to {}: {} of {} connects of {} end in EHOSTUNREACH or "
      "ENETUNREACH",
      row.address, format_count(state.failures), format_count(state.connects),
      name_of(about.chart, finding.pids));
  add_evidence(finding, about, state);
  finding.next_step =
      within(about.chart, finding.subject,
             fmt::format(
                 "ip route get {}   # which way; `ip neigh` says FAILED of a next hop that is gone",
                 host_of(row.address)));
  finding.do_not = "do not restart the program: its packets find no way";
  findings.push_back(std::move(finding));
}

// As many as are under way were given up within the time of a first SYN: at each look they are
// others, and none of them has waited for long.
bool given_up_as_fast(const Case& about, const DestinationTrack& track, double gave_up) {
  const double retry = about.limits.syn_retry;
  double count = 0;
  for (const DestinationSample& sample : track.samples())
    if (sample.end > about.chart.now() - retry) count += sample.failures[TW_REASON_ABANDONED];
  return gave_up >= 0 && gave_up < retry && count > 0 &&
         count >= static_cast<double>(track.latest().under_way);
}

// No answer at all: handshakes under way all the time, or given up after the first SYN was
// repeated.
void silent(const Case& about, const Destination& row, const DestinationTrack& track,
            Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto reasons = {TW_REASON_ETIMEDOUT, TW_REASON_ABANDONED};
  const auto state = failures_of(about, track, reasons);
  const auto timeouts = failures_of(about, track, {TW_REASON_ETIMEDOUT});
  const auto waits = [&](const DestinationSample& sample) {
    return sample.under_way >= static_cast<std::int64_t>(limits.unanswered) &&
           sample.established_out == 0;
  };
  const double waiting = track.trailing(waits);
  const bool pending = waiting >= limits.hold && state.established == 0 &&
                       !given_up_as_fast(about, track, state.gave_up);
  const bool patient = state.lasts(limits) && state.gave_up >= limits.syn_retry;
  if (!pending && !patient && !timeouts.lasts(limits)) return;
  Finding finding = destination_finding("connect-timeout", about, row, {});
  finding.severity = state.established == 0 ? Severity::kCritical : Severity::kWarning;
  finding.confidence = timeouts.failures > 0 ? 0.95 : pending ? 0.85 : 0.8;
  finding.lasted = std::max(waiting, state.since);
  const std::int64_t under_way = std::max<std::int64_t>(row.states[TW_SYN_SENT], 0);
  finding.summary =
      fmt::format("{} does not answer: {} handshakes of {} under way, {} given up, {} established",
                  row.address, under_way, name_of(about.chart, finding.pids),
                  format_count(state.failures), format_count(state.established));
  add_evidence(finding, about, state);
  finding.evidence.push_back(
      counted("syn_sent", static_cast<double>(under_way), about.sight.source("states")));
  finding.next_step =
      within(about.chart, finding.subject,
             fmt::format("ping -c 3 {}   # is it there; then its firewall", host_of(row.address)));
  finding.do_not = kSilentNot;
  findings.push_back(std::move(finding));
}

// Closed by the program before the first SYN would even have been repeated.
void impatient(const Case& about, const Destination& row, const DestinationTrack& track,
               Findings& findings) {
  const auto state = failures_of(about, track, {TW_REASON_ABANDONED});
  if (!state.lasts(about.limits) || state.share() < 4 * about.limits.fail_share) return;
  if (state.gave_up >= about.limits.syn_retry) return;
  Finding finding = destination_finding("connect-abandoned", about, row, {TW_REASON_ABANDONED});
  finding.severity = severity_of(about, state);
  finding.lasted = state.since;
  const std::string after =
      state.gave_up >= 0 ? " after " + format_seconds(state.gave_up) : std::string();
  finding.summary = fmt::format("{} gives up {} of {} connects to {}{}: its own timeout is short",
                                name_of(about.chart, finding.pids), format_count(state.failures),
                                format_count(state.connects), row.address, after);
  if (state.established == 0) {
    finding.confidence = 0.6;
    finding.unseen = "whether the peer would have answered later: none ever did within that time";
  }
  add_evidence(finding, about, state);
  finding.next_step = fmt::format(
      "tcpwatch trace --pid {}   # how long each waited; then raise "
      "the program's connect timeout",
      finding.subject.pid);
  finding.do_not = "do not restart the backend: it had no time to answer";
  findings.push_back(std::move(finding));
}

// Nothing failed lately, and nobody waits: most destinations, most of the time.
bool is_fine(const Case& about, const DestinationTrack& track) {
  return track.empty() || (track.latest().under_way == 0 &&
                           !track.troubled_within(about.chart.now(), about.limits.stale));
}

using Totals = std::array<std::uint64_t, TW_REASONS>;

Totals totals_of(const DestinationTrack& track) {
  Totals totals{};
  for (const DestinationSample& sample : track.samples())
    if (sample.failed)
      std::ranges::transform(totals, sample.failures, totals.begin(), std::plus<>());
  return totals;
}

}  // namespace

void find_failing_connects(const Case& about, Findings& findings) {
  for (const auto& [place, entry] : about.chart.destinations()) {
    if (!entry.row || is_fine(about, entry.track)) continue;
    const Totals totals = totals_of(entry.track);
    if (totals[TW_REASON_ECONNREFUSED] + totals[TW_REASON_ECONNRESET] != 0)
      refused(about, *entry.row, entry.track, findings);
    if (totals[TW_REASON_EHOSTUNREACH] + totals[TW_REASON_ENETUNREACH] != 0)
      unreachable(about, *entry.row, entry.track, findings);
    const bool gave_up = totals[TW_REASON_ETIMEDOUT] + totals[TW_REASON_ABANDONED] != 0;
    if (gave_up || entry.track.latest().under_way != 0)
      silent(about, *entry.row, entry.track, findings);
    if (totals[TW_REASON_ABANDONED] != 0) impatient(about, *entry.row, entry.track, findings);
  }
}

}  // namespace tcpwatch
