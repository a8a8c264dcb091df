// SPDX-License-Identifier: Apache-2.0
//
// syn-flood: half-open requests that nobody completes, told apart from a slow acceptor (whose
// accept queue is full) and from real clients in great numbers (who answer their cookies).
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "diagnosis/accept_queue.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

// The listener with most half-open requests.
const Chart::Listeners::mapped_type* most_half_open(const Case& about, std::uint32_t netns) {
  const Chart::Listeners::mapped_type* most = nullptr;
  for (const auto& [key, entry] : about.chart.listeners()) {
    if (!entry.row || entry.track.empty() || entry.row->netns != netns) continue;
    if (!most || entry.track.latest().half_open > most->track.latest().half_open) most = &entry;
  }
  return most;
}

void judge(const Case& about, std::uint32_t netns, const Track<NetnsSample>& track,
           Findings& findings) {
  const Thresholds& limits = about.limits;
  const auto pressed = [](const NetnsSample& sample) {
    return sample.cookies_sent + sample.syn_queue_drops != 0;
  };
  const double sent = track.sum(&NetnsSample::cookies_sent);
  const double dropped = track.sum(&NetnsSample::syn_queue_drops);
  const double answered = track.sum(&NetnsSample::cookies_received);
  const auto* listener = most_half_open(about, netns);
  if (!listener) return;
  const auto flooded = [&](const ListenerSample& sample) {
    return sample.half_open >= limits.half_open;
  };
  const bool cookies = sent + dropped >= static_cast<double>(limits.cookies) &&
                       track.seconds_of(pressed) >= limits.hold &&
                       track.age_of_last(pressed, about.chart.now()) <= limits.stale;
  const bool requests = listener->track.trailing(flooded) >= limits.hold;
  if (!cookies && !requests) return;
  // Cookies that come back are people.
  if (cookies && answered >= limits.cookies_answered * sent && answered > 0) return;
  if (queue_state(about, listener->track).full_share > 1 - limits.always_full) return;
  Finding finding = listener_finding("syn-flood", about, *listener->row);
  finding.severity = Severity::kCritical;
  finding.confidence = cookies ? 0.9 : 0.7;
  finding.lasted =
      std::max(track.age_of_first(pressed, about.chart.now()), listener->track.trailing(flooded));
  const double half_open = listener->track.latest().half_open;
  finding.summary = fmt::format(
      "{} ({}): {} half-open requests that nobody completes, {} cookies sent and {} answered; its "
      "accept queue is not full",
      listener->row->address, listener->row->comm, format_count(half_open),
      rate_of(sent, track.seconds()), rate_of(answered, track.seconds()));
  finding.evidence = {
      counted("half_open", half_open, about.sight.source("listener_queues", "listener table")),
      rate("cookies_sent", per_second_of(sent, track.seconds()), "TcpExt SyncookiesSent"),
      rate("cookies_answered", per_second_of(answered, track.seconds()), "TcpExt SyncookiesRecv"),
      rate("dropped", per_second_of(dropped, track.seconds()), "TcpExt TCPReqQFullDrop"),
      counted("queue", listener->row->queue_now,
              about.sight.source("listener_queues", "listener table"))};
  finding.next_step = fmt::format(
      "tcpwatch sockets --list --state SYN_RECV --port {}   # which sources; {} keeps real clients "
      "served",
      listener->row->port,
      within(about.chart, finding.subject, "sysctl -w net.ipv4.tcp_syncookies=1"));
  finding.do_not = "do not raise tcp_max_syn_backlog: the flood fills any queue";
  findings.push_back(std::move(finding));
}

}  // namespace

void find_floods(const Case& about, Findings& findings) {
  for (const auto& [inode, entry] : about.chart.namespaces())
    if (entry.row && !entry.track.empty()) judge(about, inode, entry.track, findings);
}

}  // namespace tcpwatch
