// SPDX-License-Identifier: Apache-2.0
#include <netinet/tcp.h>

#include <cerrno>

#include "kernel/workload/overflow.h"
#include "kernel/workload/overflow_parts.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::workload {
namespace {

constexpr int kFill = 1;  // the test's words to the client
constexpr int kSendAll = 0;
constexpr int kDeferSeconds = 30;  // longer than the scenario: a bare ACK never gets through

// On loopback a SYN is answered before connect() returns: what has no answer now was dropped.
constexpr std::int64_t kAnswered = 100 * kMillisecond;

// Established on the client's side, still requests on the server's: they were sent no data. Fewer
// than asked for, if the SYN queue is full.
std::vector<Fd> open_handshakes(Actor& actor, const Address& target, std::size_t number) {
  ConnectOptions options;
  options.nonblocking = true;
  std::vector<Attempt> attempts;
  for (std::size_t i = 0; i < number; ++i) attempts.push_back(connect_to(actor, target, options));
  const Deadline answered(kAnswered);
  std::vector<Fd> open;
  for (Attempt& attempt : attempts) {
    attempt.error = finish_connect(actor, attempt, answered);
    if (attempt.error == EINPROGRESS) {
      abandon(actor, attempt);
    } else if (attempt.error != 0) {
      throw WorkloadError("connect: " + errno_name(attempt.error));
    } else {
      open.push_back(std::move(attempt.socket));
    }
  }
  return open;
}

std::vector<Attempt> start_late_comers(Actor& actor, const Address& target, std::size_t number) {
  ConnectOptions options;
  options.nonblocking = true;
  std::vector<Attempt> late;
  for (std::size_t i = 0; i < number; ++i) late.push_back(connect_to(actor, target, options));
  return late;
}

void end_late_comers(Actor& actor, std::vector<Attempt>& late) {
  for (Attempt& attempt : late) {
    if (finish_connect(actor, attempt, Deadline(0)) == EINPROGRESS) {
      abandon(actor, attempt);
    } else {
      reset_connection(actor, attempt.socket);
    }
  }
}

// Steps, each on the test's word: park; fill by one; late comers and bytes of the parked; end.
void crowd(Actor& actor, const Address& target, const AckOverflowOptions& options) {
  std::vector<Fd> parked = open_handshakes(actor, target, options.parked);
  std::vector<Fd> fill;
  actor.tell();
  while (actor.wait_go()[0] == kFill) {
    std::vector<Fd> one = open_handshakes(actor, target, 1);
    if (!one.empty()) {
      send_bytes(actor, one.front().get(), 1);
      fill.push_back(std::move(one.front()));
    }
    actor.tell({one.empty() ? 0 : 1});
  }
  for (const Fd& socket : parked) send_bytes(actor, socket.get(), 1);
  std::vector<Attempt> late = start_late_comers(actor, target, options.late);
  hold(options.hold_ms);
  end_late_comers(actor, late);
  for (Fd& socket : parked) reset_connection(actor, socket);
  for (Fd& socket : fill) reset_connection(actor, socket);
}

// One connection after the other until all queues are full, or none finds room any more. A member
// of a group is found by the hash: there, a drop does not mean that all are full.
void fill_queues(const Netns& netns, Party& client, std::uint16_t port, std::size_t full,
                 bool group) {
  const int patience = group ? 30 : 3;
  for (int in_vain = 0; in_vain < patience && netns.sockets().queued(port) < full;) {
    client.go({kFill});
    in_vain = client.wait_told()[0] == 0 ? in_vain + 1 : 0;
  }
}

}  // namespace

Outcome overflow_ack(const Netns& netns, const AckOverflowOptions& options) {
  Outcome outcome(netns);
  const Setting cookies(netns, "net.ipv4.tcp_syncookies", std::to_string(options.syn_cookies));
  const Setting abort(netns, "net.ipv4.tcp_abort_on_overflow", options.abort ? "1" : "0");
  ListenOptions listening;
  listening.backlog = options.backlog;
  listening.defer_accept_seconds = kDeferSeconds;
  const std::uint16_t port =
      add_idle_listeners(outcome, options.family, options.listeners, listening);
  const Address target = Address::destination(options.family, port);
  Party& client = outcome.add(
      Party::start(netns, "client", [=](Actor& actor) { crowd(actor, target, options); }));
  client.wait_told();
  const std::size_t full = static_cast<std::size_t>(options.backlog + 1) * options.listeners;
  fill_queues(netns, client, port, full, options.listeners > 1);
  const SocketTable table = netns.sockets();
  const bool all_full = table.queued(port) >= full;
  client.go({kSendAll});
  client.wait_done();
  outcome.extra["port"] = port;
  outcome.extra["queued"] = table.queued(port);
  outcome.extra["at_least_syn"] = all_full ? options.late : 0;
  // Each request that is still one (a cookie leaves none).
  outcome.extra["at_least_ack"] = all_full ? table.count(TCP_SYN_RECV) : 0;
  close_idle_listeners(outcome);
  return outcome;
}

}  // namespace tcpwatch::workload
