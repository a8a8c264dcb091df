// SPDX-License-Identifier: Apache-2.0
//
// nginx-slots-exhausted: a server accepts connections and has no slot for them. By its own word
// (stub_status), else by what is seen of it: connections closed unread, while those
// that it holds stay at a ceiling.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

// Not in the table of all: by the server's own word it needs neither.
constexpr std::array<std::string_view, 2> kSeenBy{"accepts", "states"};

void advise(Finding& finding) {
  finding.severity = Severity::kCritical;
  finding.next_step = "find out what holds the slots (tcpwatch sockets --by process); then raise ";
  finding.next_step += finding.subject.comm == "nginx"
                           ? "worker_connections, and worker_rlimit_nofile with it"
                           : "its limit of connections (redis: maxclients)";
  finding.do_not = "do not raise the backlog: the connections are accepted, and then thrown away";
}

const Listener* listener_at(const Case& about, const Server& server) {
  const std::string port = server.address.substr(server.address.rfind(':'));
  for (const auto& [key, entry] : about.chart.listeners())
    if (entry.row && entry.row->netns == server.netns && entry.row->address.ends_with(port))
      return entry.row;
  return nullptr;
}

void by_its_word(const Case& about, const Server& server, const Track<ServerSample>& track,
                 Findings& findings) {
  const auto loses = [](const ServerSample& sample) { return sample.lost() != 0; };
  double lost = 0;
  for (const ServerSample& sample : track.samples()) lost += static_cast<double>(sample.lost());
  if (lost < static_cast<double>(about.limits.turned_away) ||
      track.seconds_of(loses) < about.limits.hold ||
      track.age_of_last(loses, about.chart.now()) > about.limits.stale)
    return;
  Finding finding;
  finding.id = "nginx-slots-exhausted";
  finding.subject = {0, "nginx", server.address, "", server.netns};
  if (const Listener* row = listener_at(about, server)) {
    finding.pids = acceptors(about, *row);
    finding.subject.pid = finding.pids.empty() ? 0 : finding.pids.front();
    finding.subject.comm = row->comm;
  }
  advise(finding);
  finding.lasted = track.age_of_first(loses, about.chart.now());
  const double accepts = track.sum(&ServerSample::accepts);
  finding.summary =
      fmt::format("{} at {} threw away {} of {} connections that it had accepted: no slot was free",
                  finding.subject.comm, server.address, format_count(lost), format_count(accepts));
  const std::string source = "stub_status";
  finding.evidence = {counted("lost", lost, source),
                      counted("accepts", accepts, source),
                      counted("handled", track.sum(&ServerSample::handled), source),
                      counted("reading", server.total.reading, source),
                      counted("writing", server.total.writing, source),
                      counted("waiting", server.total.waiting, source)};
  findings.push_back(std::move(finding));
}

bool is_told(const Findings& findings, std::uint32_t pid) {
  return std::ranges::any_of(findings, [&](const Finding& finding) {
    return finding.id == "nginx-slots-exhausted" && std::ranges::count(finding.pids, pid) != 0;
  });
}

// A port that says a word and closes (an agent's check, a banner) is no server out of slots, though
// its process holds connections of another port: those held must be where new ones are turned away.
// By ports: which of 0.0.0.0 and [::] an older connection came by is not known.
bool holds_where_it_takes(const Case& about, const Worker& worker) {
  std::set<std::uint16_t> takes, holds;
  for (const auto& [key, entry] : about.chart.listeners()) {
    if (!entry.row || entry.track.empty()) continue;
    const auto pids = acceptors(about, *entry.row);
    if (std::ranges::find(pids, worker.id.pid) == pids.end()) continue;
    if (entry.track.sum(&ListenerSample::accepts) != 0) takes.insert(entry.row->port);
    const double held = entry.track.latest().held;
    if (held < 0 || held >= static_cast<double>(about.limits.ceiling))
      holds.insert(entry.row->port);
  }
  return takes.empty() ||
         std::ranges::any_of(takes, [&](std::uint16_t port) { return holds.contains(port); });
}

void by_what_is_seen(const Case& about, const Worker& row, const Track<WorkerSample>& track,
                     Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto turns = [](const WorkerSample& sample) { return sample.turned_away != 0; };
  if (!track.troubled_within(about.chart.now(), limits.stale)) return;
  if (!track.seen_within(turns, about.chart.now(), limits.stale)) return;
  const double turned = track.sum(&WorkerSample::turned_away);
  if (turned < static_cast<double>(limits.turned_away) || track.seconds_of(turns) < limits.hold ||
      track.age_of_last(turns, about.chart.now()) > limits.stale || is_told(findings, row.id.pid))
    return;
  const double since = track.age_of_first(turns, about.chart.now());
  std::int64_t most = 0, least = std::numeric_limits<std::int64_t>::max();
  for (const WorkerSample& sample : track.samples()) {
    if (sample.end < about.chart.now() - since) continue;
    most = std::max(most, sample.established);
    least = std::min(least, sample.established);
  }
  const auto ceiling = static_cast<double>(most);
  if (most < limits.ceiling ||
      static_cast<double>(most - least) > std::max(2.0, limits.ceiling_play * ceiling) ||
      !holds_where_it_takes(about, row))
    return;
  Finding finding;
  finding.id = "nginx-slots-exhausted";
  finding.subject = {row.id.pid, row.comm, "", "", row.netns};
  finding.pids = {row.id.pid};
  advise(finding);
  finding.confidence = row.comm == "nginx" ? 0.9 : 0.8;
  finding.lasted = since;
  finding.summary = fmt::format(
      "{} closes {} connections unread, {} of those that it accepts, and holds {} all the time: no "
      "slot is free",
      name_of(row), rate_of(turned, track.seconds()),
      format_percent(turned / std::max(turned, track.sum(&WorkerSample::accepts))),
      format_count(ceiling));
  const std::string source = about.sight.source("states");
  finding.evidence = {counted("turned_away", turned, source),
                      counted("accepts", track.sum(&WorkerSample::accepts), source),
                      counted("held", ceiling, source)};
  about.sight.weigh(finding, kSeenBy);
  findings.push_back(std::move(finding));
}

}  // namespace

void find_full_servers(const Case& about, Findings& findings) {
  for (const auto& [place, entry] : about.chart.servers())
    if (entry.row && !entry.track.empty()) by_its_word(about, *entry.row, entry.track, findings);
  for (const auto& [id, entry] : about.chart.workers())
    if (entry.row && !entry.track.empty())
      by_what_is_seen(about, *entry.row, entry.track, findings);
}

}  // namespace tcpwatch
