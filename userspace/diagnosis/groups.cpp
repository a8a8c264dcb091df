// SPDX-License-Identifier: Apache-2.0
//
// accept-imbalance: the kernel offers the members of one SO_REUSEPORT group very unequal shares. It
// spreads by a hash of both ends, so with enough connections the shares are nearly equal. Workers
// that share one socket are left alone: whoever wakes first takes most, and that is healthy.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

struct Member {
  const Listener* row;
  const Track<ListenerSample>* track;
  double accepts;
};

void judge(const Case& about, const std::vector<Member>& members, Findings& findings) {
  double all = 0;
  for (const Member& member : members) all += member.accepts;
  const double fair = all / static_cast<double>(members.size());
  if (members.size() < 2 || fair < about.limits.group_share) return;
  const auto by_accepts = [](const Member& a, const Member& b) { return a.accepts < b.accepts; };
  const auto [least, most] = std::minmax_element(members.begin(), members.end(), by_accepts);
  const bool starved = least->accepts == 0 && least->track->latest().queue_now == 0;
  const bool crowded = most->accepts >= fair * about.limits.imbalance;
  const double watched = least->track->seconds();
  if ((!starved && !crowded) || watched < about.limits.hold) return;
  const Member& odd = starved ? *least : *most;
  Finding finding = listener_finding("accept-imbalance", about, *odd.row);
  finding.severity = Severity::kWarning;
  finding.confidence = 0.8;
  finding.lasted = watched;
  finding.summary =
      starved
          ? fmt::format("{}: one of its {} sockets ({}) gets nothing offered, the others took {}",
                        odd.row->address, members.size(), name_of(about.chart, finding.pids),
                        format_count(all))
          : fmt::format("{}: one of its {} sockets ({}) takes {} of all connections",
                        odd.row->address, members.size(), name_of(about.chart, finding.pids),
                        format_percent(odd.accepts / all));
  const std::string source = about.sight.source("states");
  finding.evidence = {counted("accepts_least", least->accepts, source),
                      counted("accepts_most", most->accepts, source),
                      counted("fair_share", fair, source),
                      counted("members", static_cast<double>(members.size()), "reuseport group")};
  finding.next_step = "grep . /sys/class/net/*/queues/rx-*/rps_cpus   # where packets are steered";
  finding.do_not = "do not restart the worker: nothing is offered to it";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_unequal_groups(const Case& about, Findings& findings) {
  std::map<std::uint64_t, std::vector<Member>> groups;
  for (const auto& [key, entry] : about.chart.listeners())
    if (entry.row && entry.row->reuseport_group && !entry.track.empty())
      groups[*entry.row->reuseport_group].push_back(
          {entry.row, &entry.track, entry.track.sum(&ListenerSample::accepts)});
  for (const auto& [group, members] : groups) judge(about, members, findings);
}

}  // namespace tcpwatch
