// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/lasting.h"

namespace tcpwatch::workload {

Outcome close_wait(const Netns& netns, const CloseWaitOptions& options) {
  Outcome outcome(netns);
  const std::size_t all = options.leaked + options.closed;
  Party& server = add_server(outcome, options.family, {}, [=](Actor& actor, int listener) {
    for (std::size_t i = 0; i < all; ++i) {
      Fd socket = accept_one(actor, listener);
      receive_end(socket.get());
      if (i < options.closed) {
        close_connection(actor, socket);
      } else {
        actor.keep(std::move(socket));
      }
    }
  });
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    connect_and_exchange(actor, target, all, Exchange{});
  }));
  client.wait_done();
  server.wait_done();
  outcome.settle();
  return outcome;
}

namespace {

void keep_connections(Actor& actor, const Address& target, std::size_t number) {
  for (std::size_t i = 0; i < number; ++i) actor.keep(connected_to(actor, target));
}

void keep_accepted(Actor& actor, int listener, std::size_t number) {
  for (std::size_t i = 0; i < number; ++i) actor.keep(accept_one(actor, listener));
}

}  // namespace

Outcome exit_with_open_sockets(const Netns& netns, const LeavingOptions& options) {
  Outcome outcome(netns);
  const Family family = options.family;
  const std::size_t incoming = options.accepted + options.queued;
  Party& peer =
      add_listener(outcome, "peer", Address::listener(family), {}, [=](Actor& actor, int listener) {
        keep_accepted(actor, listener, options.outgoing);
        const auto port = static_cast<std::uint16_t>(actor.wait_go()[0]);
        keep_connections(actor, Address::destination(family, port), incoming);
      });
  const Address to_peer = Address::destination(family, peer.listener.port());
  Party& leaver = add_listener(outcome, "leaver", Address::listener(family), {},
                               [=](Actor& actor, int listener) {
                                 keep_connections(actor, to_peer, options.outgoing);
                                 keep_accepted(actor, listener, options.accepted);
                               });
  peer.go({leaver.listener.port()});
  peer.wait_done();
  leaver.wait_done();
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
