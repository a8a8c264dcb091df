// SPDX-License-Identifier: Apache-2.0
//
// cpu-steering and conntrack-full: what happens to packets before TCP sees them.
//
// Which CPU takes in a connection's packets the socket itself knows (SO_INCOMING_CPU); loopback is
// left out, since there whoever sends takes in as well.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

constexpr double kNoMasks = 0.9;

using Members = std::vector<const Chart::Listeners::mapped_type*>;

// One member gets all there is: the group chooses by CPU.
const Chart::Listeners::mapped_type* favourite(const Case& about, const Members& members) {
  double all = 0;
  const Chart::Listeners::mapped_type* most = nullptr;
  double its = -1;
  for (const auto* member : members) {
    const double accepts = member->track.sum(&ListenerSample::accepts);
    all += accepts;
    if (accepts <= its) continue;
    its = accepts;
    most = member;
  }
  const double fair = all / static_cast<double>(members.size());
  return fair >= about.limits.group_share && its >= about.limits.one_member * all ? most : nullptr;
}

// What the masks of the receive queues say, where they could be read.
void add_steering(const Steering& seen, Finding& finding) {
  if (seen.packets_delta != 0)
    finding.evidence.push_back(
        share("packets_on_cpu",
              static_cast<double>(seen.packets_cpu_delta) / static_cast<double>(seen.packets_delta),
              "/proc/net/softnet_stat"));
  if (seen.queues == 0) return doubt(finding, kNoMasks, "the masks of receive queues (rps_cpus)");
  const std::string source = "/sys/class/net/*/queues/rx-*/rps_cpus";
  finding.evidence.push_back(counted("queues", seen.queues, source));
  finding.evidence.push_back(counted("queues_to_cpu", seen.to_cpu, source));
  finding.evidence.push_back(counted("queues_without_mask", seen.unspread, source));
  if (seen.to_cpu != 0) {
    std::string path = seen.queue;
    if (const auto blank = path.find(' '); blank != std::string::npos)
      path.replace(blank, 1, "/queues/");
    finding.summary +=
        fmt::format("; {} of {} receive queues {} steered to that CPU alone ({})", seen.to_cpu,
                    seen.queues, seen.to_cpu == 1 ? "is" : "are", seen.queue);
    finding.next_step =
        fmt::format("cat /sys/class/net/{}/rps_cpus   # the mask of CPU {} alone: add the others",
                    path, seen.cpu);
  } else if (seen.unspread == seen.queues) {
    finding.summary += "; no receive queue has a mask: the CPU of the interrupt takes in all";
    finding.next_step =
        "grep . /sys/class/net/*/queues/rx-*/rps_cpus   # 0 everywhere: set a mask, or spread the "
        "interrupts";
  }
}

void judge_group(const Case& about, const Members& members, Findings& findings) {
  const Thresholds& limits = about.limits;
  const Listener& row = *members.front()->row;
  if (members.size() < 2 || !row.sockets || !row.sockets->arrivals) return;
  const Arrivals& arrivals = *row.sockets->arrivals;
  const auto on_cpu = static_cast<double>(arrivals.on_cpu);
  if (arrivals.sockets < limits.arrivals ||
      on_cpu < limits.one_cpu * static_cast<double>(arrivals.sockets) ||
      members.front()->track.seconds() < limits.hold)
    return;
  const auto* busy = favourite(about, members);
  Finding finding = listener_finding("cpu-steering", about, busy ? *busy->row : row);
  finding.severity = busy ? Severity::kWarning : Severity::kInfo;
  finding.confidence = 0.85;
  finding.lasted = members.front()->track.seconds();
  finding.summary =
      fmt::format("CPU {} takes in {} of the connections of {}", arrivals.cpu,
                  format_percent(on_cpu / static_cast<double>(arrivals.sockets)), row.address);
  if (busy)
    finding.summary += fmt::format(": of its {} sockets only that of {} gets any", members.size(),
                                   name_of(about.chart, finding.pids));
  finding.evidence = {counted("connections", static_cast<double>(arrivals.sockets), "socket table"),
                      counted("on_cpu", on_cpu, "sk_incoming_cpu"),
                      counted("cpu", arrivals.cpu, "sk_incoming_cpu"),
                      counted("members", static_cast<double>(members.size()), "reuseport group")};
  finding.next_step =
      "grep . /sys/class/net/*/queues/rx-*/rps_cpus   # 0 or one bit: spread it (or the IRQs)";
  finding.do_not = "do not restart the workers: the packets go elsewhere";
  const auto seen = std::ranges::find_if(about.chart.snapshot().steering, [&](const Steering& one) {
    return one.netns == row.netns && one.cpu == arrivals.cpu;
  });
  if (seen != about.chart.snapshot().steering.end())
    add_steering(*seen, finding);
  else
    doubt(finding, kNoMasks, "the masks of receive queues (rps_cpus)");
  findings.push_back(std::move(finding));
}

void judge_table(const Case& about, std::uint32_t netns, const Track<NetnsSample>& track,
                 const Conntrack& table, Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto near = [&](const NetnsSample& sample) {
    return sample.tracked >= limits.tracked_warning;
  };
  const double lasted = track.trailing(near);
  if (lasted < limits.hold) return;
  const auto drops = [](const NetnsSample& sample) { return sample.untracked_drops != 0; };
  const double dropped = track.sum(&NetnsSample::untracked_drops);
  const bool loses = dropped > 0 && track.age_of_last(drops, about.chart.now()) <= limits.stale;
  const double used = track.latest().tracked;
  Finding finding;
  finding.id = "conntrack-full";
  finding.subject.netns = netns;
  finding.severity =
      loses || used >= limits.tracked_critical ? Severity::kCritical : Severity::kWarning;
  finding.lasted = lasted;
  finding.summary =
      fmt::format("connection tracking of this network namespace holds {} of {} entries ({})",
                  table.count, table.max, format_percent(used));
  if (loses)
    finding.summary += fmt::format(", {} dropped", rate_of(dropped, track.seconds()) + " packets");
  const std::string source = "/proc/net/stat/nf_conntrack";
  finding.evidence = {counted("entries", static_cast<double>(table.count), source),
                      counted("max", static_cast<double>(table.max), "nf_conntrack_max"),
                      share("used", used, source),
                      rate("dropped", per_second_of(dropped, track.seconds()), source)};
  finding.next_step = fmt::format(
      "sysctl -w net.netfilter.nf_conntrack_max={}   # relief; then see what is tracked: conntrack "
      "-L",
      2 * table.max);
  finding.do_not = "do not restart servers: packets are dropped before they see them";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_one_cpu_for_all(const Case& about, Findings& findings) {
  std::map<std::uint64_t, Members> groups;
  for (const auto& [key, entry] : about.chart.listeners())
    if (entry.row && entry.row->reuseport_group && !entry.track.empty())
      groups[*entry.row->reuseport_group].push_back(&entry);
  for (const auto& [group, members] : groups) judge_group(about, members, findings);
}

void find_full_tracking(const Case& about, Findings& findings) {
  for (const auto& [inode, entry] : about.chart.namespaces())
    if (entry.row && entry.row->conntrack)
      judge_table(about, inode, entry.track, *entry.row->conntrack, findings);
}

}  // namespace tcpwatch
