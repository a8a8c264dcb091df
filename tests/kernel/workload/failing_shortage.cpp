// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/attempts.h"
#include "kernel/workload/roles.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::workload {
namespace {

// Below the default range, so that no listener of the namespace was given one of them.
constexpr std::size_t kFirstPort = 10000;

void use_up(Actor& actor, const Address& target, const ShortageOptions& options) {
  for (std::size_t i = 0; i < options.ports; ++i) {
    Fd socket = connected_to(actor, target);
    if (options.kind != Shortage::time_wait) {
      actor.keep(std::move(socket));
    } else {
      close_connection(actor, socket);
    }
  }
}

// All go from the source port of the first.
ConnectOptions bind_like_first(Actor& actor, const Address& target) {
  ConnectOptions options;
  options.reuse_address = true;
  options.early_port = true;
  options.source = target.with_port(0);  // loopback: both ends have the same address
  Fd first = connected_to(actor, target, options);
  options.source = Address::of_socket(first.get());
  actor.keep(std::move(first));
  return options;
}

void attempt_with_used_sockets(Actor& actor, const Address& target,
                               const ShortageOptions& options) {
  const auto nobody = static_cast<std::uint16_t>(kFirstPort + options.ports);  // listens there
  for (std::size_t i = 0; i < options.too_many; ++i) {
    Attempt attempt = connect_to(actor, target.with_port(nobody));
    connect_again(actor, attempt, target);
  }
}

void attempt_too_many(Actor& actor, const Address& target, const ShortageOptions& options,
                      const ConnectOptions& connect) {
  FailOptions failing;
  failing.nonblocking = options.nonblocking;
  failing.connects = options.too_many;
  attempt_all(actor, target, failing, connect);
}

}  // namespace

Outcome address_not_available(const Netns& netns, const ShortageOptions& options) {
  Outcome outcome(netns);
  const bool bind = options.kind == Shortage::explicit_bind;
  const std::size_t connections = bind ? 1 : options.ports;
  const bool linger = options.kind == Shortage::time_wait;
  Party& server = add_server(outcome, options.family, {}, [=](Actor& actor, int listener) {
    for (std::size_t i = 0; i < connections; ++i) {
      Fd socket = accept_one(actor, listener);
      if (linger) {
        receive_end(socket.get());
        close_connection(actor, socket);
      } else {
        actor.keep(std::move(socket));
      }
    }
  });
  const Setting range(
      netns, "net.ipv4.ip_local_port_range",
      std::to_string(kFirstPort) + " " + std::to_string(kFirstPort + options.ports - 1));
  const Setting reuse(netns, "net.ipv4.tcp_tw_reuse", "0");
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    ConnectOptions connect;
    if (bind) {
      connect = bind_like_first(actor, target);
    } else {
      use_up(actor, target, options);
    }
    actor.tell();
    actor.wait_go();
    if (options.kind == Shortage::refused_before) {
      attempt_with_used_sockets(actor, target, options);
    } else {
      attempt_too_many(actor, target, options, connect);
    }
  }));
  client.wait_told();
  server.wait_done();
  netns.wait_quiet();  // what is to be in TIME_WAIT, is
  client.go();
  client.wait_done();
  outcome.extra["port"] = server.listener.port();
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
