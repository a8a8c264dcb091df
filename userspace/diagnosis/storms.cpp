// SPDX-License-Identifier: Apache-2.0
//
// short-connection-storm: connections that are opened for a moment each, hundreds a second. How
// long they live follows from how many there are at a time and how many come (Little's law).
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/destination_state.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr double kLeastTold = 0.001;

struct Storm : Look {
  double opened = 0;
  double held = 0;  // at the end; below 0: not known
};

bool rages(const Thresholds& limits, const Storm& now) {
  if (now.seconds <= 0 || now.held < 0) return false;
  const double rate = now.opened / now.seconds;
  return rate >= limits.storm && now.held <= limits.storm_life * rate;
}

void judge(const Case& about, const Track<Storm>& track, Finding finding, const std::string& place,
           Findings& findings) {
  const auto storms = [&](const Storm& now) { return rages(about.limits, now); };
  const double lasted = track.trailing(storms);
  if (lasted < about.limits.hold) return;
  double opened = 0, held = 0, seconds = 0;
  for (const Storm& sample : track.samples()) {
    if (!storms(sample)) continue;
    opened += sample.opened;
    seconds += sample.seconds;
    held += sample.held * sample.seconds;
  }
  const double life = held / opened;
  const bool accepts = !finding.subject.listener.empty();
  finding.severity = Severity::kWarning;
  finding.confidence = 0.85;
  finding.lasted = lasted;
  finding.summary =
      fmt::format("{} {} {}{}, which live {} on average: they are not kept alive",
                  name_of(about.chart, finding.pids), accepts ? "accepts" : "opens",
                  rate_of(opened, seconds) + " connections " + (accepts ? "on " : "to "), place,
                  life < kLeastTold ? "under 1ms" : format_seconds(life));
  finding.evidence = {
      rate("opened", per_second_of(opened, seconds), about.sight.source("states")),
      seconds_taken("lifetime_mean", life, "connections at a time / opened per second"),
      counted("held", held / seconds, accepts ? "socket table" : about.sight.source("states"))};
  finding.next_step = accepts
                          ? "have clients keep their connections (HTTP/1.1, keepalive_timeout 15s;)"
                          : "keep connections to it (a pool; nginx: keepalive 32; in its upstream)";
  finding.do_not = "do not raise backlogs or port ranges first: each request costs a handshake";
  findings.push_back(std::move(finding));
}

using Addresses = std::map<Chart::Place, std::vector<const Chart::Listeners::mapped_type*>>;

// The members of a group accept from one address.
void on_address(const Case& about, const Addresses::mapped_type& listeners, Findings& findings) {
  std::map<double, Storm> looks;
  double accepts = 0;
  for (const auto* entry : listeners) accepts += entry->track.sum(&ListenerSample::accepts);
  const double seconds = listeners.front()->track.seconds();
  if (accepts < about.limits.storm * std::min(seconds, about.limits.hold)) return;
  for (const auto* entry : listeners)
    for (const ListenerSample& sample : entry->track.samples()) {
      Storm& look = looks[sample.end];
      look.end = sample.end;
      look.seconds = sample.seconds;
      look.opened += static_cast<double>(sample.accepts);
      look.held = sample.held;
    }
  Track<Storm> track;
  for (const auto& [end, look] : looks) track.add(look, about.limits.window);
  const Listener& row = *listeners.front()->row;
  judge(about, track, listener_finding("short-connection-storm", about, row), row.address,
        findings);
}

void to_destination(const Case& about, const Destination& row, const DestinationTrack& from,
                    Findings& findings) {
  const DestinationSample& now = from.latest();
  if (static_cast<double>(now.established_out) < about.limits.storm * now.seconds) return;
  Track<Storm> track;
  for (const DestinationSample& sample : from.samples())
    track.add({{sample.end, sample.seconds},
               static_cast<double>(sample.established_out),
               static_cast<double>(sample.established)},
              about.limits.window);
  judge(about, track, destination_finding("short-connection-storm", about, row, {}), row.address,
        findings);
}

}  // namespace

void find_storms(const Case& about, Findings& findings) {
  Addresses addresses;
  for (const auto& [key, entry] : about.chart.listeners())
    if (entry.row && !entry.track.empty())
      addresses[{entry.row->netns, entry.row->address}].push_back(&entry);
  for (const auto& [place, listeners] : addresses) on_address(about, listeners, findings);
  for (const auto& [place, entry] : about.chart.destinations())
    if (entry.row && !entry.track.empty()) to_destination(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
