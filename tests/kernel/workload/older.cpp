// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/lasting.h"

namespace tcpwatch::workload {
namespace {

// Each body does its part of the past, tells, forgets its counts, and goes on when told to.
void past_is_over(Actor& actor) {
  actor.tell();
  actor.counts = {};
  actor.wait_go();
}

void serve_older(Actor& actor, int listener, const OlderOptions& options) {
  std::vector<Fd> sockets;
  for (std::size_t i = 0; i < options.accepted + options.close_wait; ++i) {
    sockets.push_back(accept_one(actor, listener));
  }
  past_is_over(actor);
  for (std::size_t i = 0; i < options.queued + options.more; ++i) {
    sockets.push_back(accept_one(actor, listener));
  }
  actor.tell();
  actor.wait_go();
  for (Fd& socket : sockets) server_half(actor, socket, Exchange{});
}

void connect_older(Actor& actor, const Address& target, const Address& sleeper,
                   const OlderOptions& options) {
  std::vector<Fd> sockets;
  for (std::size_t i = 0; i < options.accepted; ++i) {
    sockets.push_back(connected_to(actor, target));
  }
  connect_and_exchange(actor, target, options.close_wait, Exchange{});
  for (std::size_t i = 0; i < options.queued; ++i) {
    sockets.push_back(connected_to(actor, target));
  }
  past_is_over(actor);
  for (std::size_t i = 0; i < options.more; ++i) sockets.push_back(connected_to(actor, target));
  sockets.push_back(connected_to(actor, sleeper));
  actor.tell();
  actor.wait_go();
  for (Fd& socket : sockets) client_half(actor, socket, Exchange{});
}

}  // namespace

OlderThanTracer::OlderThanTracer(const Netns& netns, const OlderOptions& options) : outcome(netns) {
  Party& server = add_server(outcome, options.family, {}, [=](Actor& actor, int listener) {
    serve_older(actor, listener, options);
  });
  Party& sleeper = add_listener(outcome, "sleeper", Address::listener(options.family), {},
                                [](Actor& actor, int listener) {
                                  actor.counts = {};
                                  Fd socket = accept_one(actor, listener);
                                  actor.tell();
                                  server_half(actor, socket, Exchange{});
                                });
  const Address target = Address::destination(options.family, server.listener.port());
  const Address to_sleeper = Address::destination(options.family, sleeper.listener.port());
  Party& client = outcome.add(Party::start(
      netns, "client", [=](Actor& actor) { connect_older(actor, target, to_sleeper, options); }));
  client.wait_told();
  server.wait_told();
  sleeper.wait_asleep();
  for (const Party& party : outcome.parties) earlier[party.role()] = party.counts();
  netns.wait_quiet();
  outcome.before = netns.counters();
  outcome.settle();
}

void OlderThanTracer::open_more() {
  outcome.party("client").go();
  outcome.party("server").go();
  for (Party& party : outcome.parties) party.wait_told();
  outcome.settle();
}

void OlderThanTracer::close_all() {
  outcome.party("client").go();
  outcome.party("client").wait_done();
  outcome.party("server").go();
  outcome.party("server").wait_done();
  outcome.party("sleeper").wait_done();
  outcome.settle();
}

}  // namespace tcpwatch::workload
