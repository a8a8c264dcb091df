// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/chains.h"

#include <algorithm>
#include <array>
#include <map>

#include "diagnosis/accept_queue.h"
#include "diagnosis/busy.h"
#include "diagnosis/wording.h"

namespace tcpwatch {
namespace {

bool share_a_process(const Finding& a, const Finding& b) {
  return std::ranges::any_of(
      a.pids, [&](std::uint32_t pid) { return std::ranges::count(b.pids, pid) != 0; });
}

struct Linker {
  Linker(const Case& about_it, const Findings& findings) : about(about_it) {
    for (const Finding& finding : findings)
      if (finding.severity != Severity::kInfo) by_id[finding.id].push_back(&finding);
  }

  const Case& about;
  std::map<std::string_view, std::vector<const Finding*>> by_id;  // those that are trouble

  // Of that id, the worst that fits.
  template <typename Fits>
  const Finding* find(const Finding& of, std::string_view id, Fits fits) const {
    const auto others = by_id.find(id);
    if (others == by_id.end()) return nullptr;
    const Finding* worst = nullptr;
    for (const Finding* other : others->second)
      if (other != &of && (!worst || other->severity > worst->severity) && fits(*other))
        worst = other;
    return worst;
  }
  template <typename Fits>
  bool link(Finding& finding, std::string_view id, Fits fits) const {
    const Finding* cause = find(finding, id, fits);
    if (cause) finding.cause = Cause{cause->id, cause->subject};
    return cause != nullptr;
  }
  bool link_to_process(Finding& finding, std::string_view id) const {
    return link(finding, id, [&](const Finding& other) { return share_a_process(finding, other); });
  }
  bool link_to_listener(Finding& finding, std::string_view id) const {
    return link(finding, id, [&](const Finding& other) {
      return other.subject.listener == finding.subject.listener &&
             other.subject.netns == finding.subject.netns;
    });
  }
  bool link_to_destination(Finding& finding, std::string_view id) const {
    return link(finding, id, [&](const Finding& other) {
      return other.subject.destination == finding.subject.destination &&
             other.subject.netns == finding.subject.netns;
    });
  }

  // Whoever sits in connect() accepts nobody.
  bool link_to_connecting(Finding& finding) const {
    if (busy_of(about, finding.pids).busy.with != Occupation::kConnecting) return false;
    constexpr std::array kWhy{"ephemeral-port-exhaustion", "connect-slow-in-kernel",
                              "connect-timeout"};
    return std::ranges::any_of(kWhy, [&](const char* id) { return link_to_process(finding, id); });
  }

  // The destination is a listener of this very namespace, or of another container of this machine:
  // of those that listen on any address it is not known which ones they have.
  static bool leads_to(const Subject& from, const Subject& to) {
    const std::string& address = from.destination;
    if (from.netns != to.netns)
      return !address.empty() && to.listener == address && !is_loopback(address);
    const std::string port = address.substr(std::min(address.rfind(':'), address.size()));
    const bool any = to.listener == "0.0.0.0" + port || to.listener == "[::]" + port;
    return !address.empty() && (to.listener == address || any);
  }
  // Its queue is full: it drops the handshakes. Or connection tracking drops them.
  bool link_to_full_listener(Finding& finding) const {
    if (link(finding, "accept-queue-overflow",
             [&](const Finding& other) { return leads_to(finding.subject, other.subject); }))
      return true;
    return link(finding, "conntrack-full", [&](const Finding& other) {
      return other.severity == Severity::kCritical && other.subject.netns == finding.subject.netns;
    });
  }

  // While there is no way handshakes wait until the kernel gives up: its verdict says more.
  void no_answer(Finding& finding) const {
    if (link_to_destination(finding, "connect-unreachable")) return;
    link_to_full_listener(finding);
  }

  // The peer is here, and does not answer: it does not accept, or waits for another itself, to
  // answer or to let it in.
  bool link_to_slow_server(Finding& finding) const {
    const auto serves = [&](const Finding& other) {
      return leads_to(finding.subject, other.subject);
    };
    if (link(finding, "worker-not-accepting", serves)) return true;
    if (link(finding, "accept-queue-overflow", serves)) return true;
    if (link(finding, "nginx-slots-exhausted", serves)) return true;
    std::vector<std::uint32_t> servers;
    for (const auto& [key, entry] : about.chart.listeners())
      if (entry.row && leads_to(finding.subject, {0, "", entry.row->address, "", entry.row->netns}))
        for (const std::uint32_t pid : acceptors(about, *entry.row)) servers.push_back(pid);
    const auto held_up = [&](const Finding& other) {
      return std::ranges::any_of(
          servers, [&](std::uint32_t pid) { return std::ranges::count(other.pids, pid) != 0; });
    };
    return link(finding, "slow-upstream", held_up) || link(finding, "connect-timeout", held_up);
  }

  void queue_full(Finding& finding) const {
    if (finding.severity == Severity::kInfo) return;
    if (link_to_listener(finding, "backlog-capped")) return;
    if (link_to_connecting(finding)) return;
    if (link_to_process(finding, "fd-exhaustion")) return;
    if (link_to_listener(finding, "worker-not-accepting")) return;
    if (busy_of(about, finding.pids).busy.with == Occupation::kStarved) return;
    if (link_to_process(finding, "slow-clients")) return;
    link_to_listener(finding, "short-connection-storm");
  }
  void not_accepting(Finding& finding) const {
    if (link_to_connecting(finding)) return;
    if (link_to_process(finding, "fd-exhaustion")) return;
    // Who is stopped, or gets no CPU, would take nothing whatever else there was.
    const Occupation with = busy_of(about, finding.pids).busy.with;
    if (with == Occupation::kStopped || with == Occupation::kStarved) return;
    if (link_to_process(finding, "slow-upstream")) return;
    link_to_process(finding, "slow-clients");
  }
  void descriptors(Finding& finding) const {
    if (link_to_process(finding, "close-wait-leak")) return;
    if (link_to_process(finding, "slow-upstream")) return;
    if (link_to_process(finding, "slow-clients")) return;
    if (link_to_process(finding, "connection-inflow")) return;
    // Once it is at the limit there is no more to explain.
    if (finding.severity == Severity::kWarning) link_to_process(finding, "connection-watermark");
  }
  // What the slots are taken by.
  void slots(Finding& finding) const {
    if (link_to_process(finding, "slow-upstream")) return;
    if (link_to_process(finding, "slow-clients")) return;
    if (link_to_process(finding, "close-wait-leak")) return;
    link_to_process(finding, "keepalive-pileup");
  }
  // TIME_WAIT is what short connections leave; a listener's storm is made by who connects to it.
  void storm(Finding& finding) const {
    if (finding.subject.destination.empty())
      link(finding, "short-connection-storm",
           [&](const Finding& other) { return leads_to(other.subject, finding.subject); });
  }
  void levels(Finding& finding) const {
    if (link_to_process(finding, "close-wait-leak")) return;
    if (link_to_process(finding, "slow-upstream")) return;
    if (link_to_process(finding, "keepalive-pileup")) return;
    if (link_to_process(finding, "slow-clients")) return;
    if (finding.id == "connection-watermark") link_to_process(finding, "connection-inflow");
  }
};

}  // namespace

void link_causes(const Case& about, Findings& findings) {
  const Linker linker(about, findings);
  for (Finding& finding : findings) {
    if (finding.id == "accept-queue-overflow") linker.queue_full(finding);
    if (finding.id == "worker-not-accepting") linker.not_accepting(finding);
    if (finding.id == "fd-exhaustion") linker.descriptors(finding);
    if (finding.id == "slow-upstream") linker.link_to_slow_server(finding);
    if (finding.id == "nginx-slots-exhausted") linker.slots(finding);
    if (finding.id == "short-connection-storm") linker.storm(finding);
    if (finding.id == "time-wait-high") linker.link_to_process(finding, "short-connection-storm");
    if (finding.id == "accept-imbalance") linker.link_to_listener(finding, "cpu-steering");
    if (finding.id == "connection-inflow" || finding.id == "connection-watermark")
      linker.levels(finding);
    if (finding.id == "connect-timeout" || finding.id == "connect-abandoned")
      linker.no_answer(finding);
    if (finding.id == "connect-slow-in-kernel")
      linker.link_to_destination(finding, "ephemeral-port-exhaustion");
  }
}

}  // namespace tcpwatch
