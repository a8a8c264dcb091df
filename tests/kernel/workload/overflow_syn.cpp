// SPDX-License-Identifier: Apache-2.0
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "kernel/workload/overflow.h"
#include "kernel/workload/overflow_parts.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::workload {
namespace {

// Non-blocking connects; after `hold_ms` those that succeeded are closed, the others given up.
void crowd(Actor& actor, const Address& target, const SynOverflowOptions& options) {
  ConnectOptions connect;
  connect.nonblocking = true;
  std::vector<Attempt> attempts;
  for (std::size_t i = 0; i < options.clients; ++i) {
    attempts.push_back(connect_to(actor, target, connect));
  }
  hold(options.hold_ms);
  for (Attempt& attempt : attempts) {
    attempt.error = finish_connect(actor, attempt, Deadline(0));
    if (attempt.error == EINPROGRESS) abandon(actor, attempt);
  }
  for (Attempt& attempt : attempts) {
    if (attempt.socket) close_connection(actor, attempt.socket);
  }
}

void swallow_all(int listener) {
  sock_filter drop[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
  const sock_fprog program{1, drop};
  check(::setsockopt(listener, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)),
        "SO_ATTACH_FILTER");
}

}  // namespace

void hold(int milliseconds) {
  const Deadline end(milliseconds * kMillisecond);
  while (!end.over()) ::poll(nullptr, 0, end.left_ms());
}

std::uint16_t add_idle_listeners(Outcome& outcome, Family family, std::size_t number,
                                 ListenOptions options) {
  std::uint16_t port = 0;
  options.reuseport = number > 1;
  for (std::size_t i = 0; i < number; ++i) {
    const std::string role = "server " + std::to_string(i);
    Party& server = add_listener(outcome, role, Address::listener(family, port), options,
                                 [](Actor& actor, int) {
                                   actor.wait_go();
                                   close_listener(actor, actor.kept().front());
                                   actor.kept().clear();
                                 });
    port = server.listener.port();
  }
  return port;
}

void close_idle_listeners(Outcome& outcome) {
  for (Party& party : outcome.parties) {
    if (party.role().rfind("server", 0) != 0) continue;
    party.go();
    party.wait_done();
  }
  outcome.settle();
}

Outcome overflow_syn(const Netns& netns, const SynOverflowOptions& options) {
  Outcome outcome(netns);
  const Setting cookies(netns, "net.ipv4.tcp_syncookies", std::to_string(options.syn_cookies));
  ListenOptions listening;
  listening.backlog = options.backlog;
  const std::uint16_t port =
      add_idle_listeners(outcome, options.family, options.listeners, listening);
  const Address target = Address::destination(options.family, port);
  Party& client = outcome.add(
      Party::start(netns, "client", [=](Actor& actor) { crowd(actor, target, options); }));
  client.wait_done();
  outcome.extra["port"] = port;
  outcome.extra["at_least_syn"] = client.counts().abandoned;
  outcome.extra["at_least_ack"] = 0;
  close_idle_listeners(outcome);
  return outcome;
}

Outcome syn_cookies(const Netns& netns, const CookieOptions& options) {
  Outcome outcome(netns);
  const Setting cookies(netns, "net.ipv4.tcp_syncookies", "2");
  const Exchange exchange{Closing::client_first, 1};
  Party& server = add_server(outcome, options.family, {}, [=](Actor& actor, int listener) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      Fd socket = accept_one(actor, listener);
      server_half(actor, socket, exchange);
    }
  });
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    connect_and_exchange(actor, target, options.connections, exchange);
  }));
  client.wait_done();
  server.wait_done();
  outcome.settle();
  return outcome;
}

Outcome filtered_listener(const Netns& netns, const FilteredOptions& options) {
  Outcome outcome(netns);
  Party& server = add_server(outcome, options.family, {}, [](Actor& actor, int listener) {
    swallow_all(listener);
    actor.park();
  });
  server.wait_done();
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    SynOverflowOptions all;
    all.clients = options.connects;
    all.hold_ms = 50;
    crowd(actor, target, all);
  }));
  client.wait_done();
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
