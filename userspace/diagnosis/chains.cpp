// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/chains.h"

#include <algorithm>
#include <array>

#include "diagnosis/accept_queue.h"
#include "diagnosis/busy.h"

namespace tcpwatch {
namespace {

bool share_a_process(const Finding& a, const Finding& b) {
  return std::ranges::any_of(
      a.pids, [&](std::uint32_t pid) { return std::ranges::count(b.pids, pid) != 0; });
}

struct Linker {
  const Case& about;
  Findings& findings;

  // Of that id, the worst that fits; never something that is no trouble itself.
  template <typename Fits>
  const Finding* find(const Finding& of, std::string_view id, Fits fits) const {
    const Finding* worst = nullptr;
    for (const Finding& other : findings)
      if (&other != &of && other.id == id && other.severity != Severity::kInfo && fits(other) &&
          (!worst || other.severity > worst->severity))
        worst = &other;
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

  // The peer is a listener of this very namespace, whose queue is full: it drops the handshakes.
  bool link_to_full_listener(Finding& finding) const {
    const std::string& address = finding.subject.destination;
    const std::string port = address.substr(std::min(address.rfind(':'), address.size()));
    return link(finding, "accept-queue-overflow", [&](const Finding& other) {
      const std::string& listener = other.subject.listener;
      const bool any = listener == "0.0.0.0" + port || listener == "[::]" + port;
      return other.subject.netns == finding.subject.netns && (listener == address || any);
    });
  }

  void queue_full(Finding& finding) const {
    if (finding.severity == Severity::kInfo) return;
    if (link_to_listener(finding, "backlog-capped")) return;
    if (link_to_connecting(finding)) return;
    if (link_to_process(finding, "fd-exhaustion")) return;
    link_to_listener(finding, "worker-not-accepting");
  }
  void not_accepting(Finding& finding) const {
    if (link_to_connecting(finding)) return;
    link_to_process(finding, "fd-exhaustion");
  }
  void descriptors(Finding& finding) const {
    if (link_to_process(finding, "close-wait-leak")) return;
    if (link_to_process(finding, "slow-upstream")) return;
    if (link_to_process(finding, "connection-inflow")) return;
    // Once it is at the limit there is no more to explain.
    if (finding.severity == Severity::kWarning) link_to_process(finding, "connection-watermark");
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
  const Linker linker{about, findings};
  for (Finding& finding : findings) {
    if (finding.id == "accept-queue-overflow") linker.queue_full(finding);
    if (finding.id == "worker-not-accepting") linker.not_accepting(finding);
    if (finding.id == "fd-exhaustion") linker.descriptors(finding);
    if (finding.id == "connection-inflow" || finding.id == "connection-watermark")
      linker.levels(finding);
    if (finding.id == "connect-timeout" || finding.id == "connect-abandoned")
      linker.link_to_full_listener(finding);
    if (finding.id == "connect-slow-in-kernel")
      linker.link_to_destination(finding, "ephemeral-port-exhaustion");
  }
}

}  // namespace tcpwatch
