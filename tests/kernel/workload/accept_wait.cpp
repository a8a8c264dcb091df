// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/lasting.h"

namespace tcpwatch::workload {
namespace {

constexpr std::size_t kAtMost = std::tuple_size_v<Words> / 2;

// Word 2i: the clock before the i-th call, word 2i + 1: after it.
template <typename Call>
void timed(Words& words, std::size_t i, Call call) {
  words[2 * i] = now_ns();
  call();
  words[2 * i + 1] = now_ns();
}

}  // namespace

AcceptWait::AcceptWait(const Netns& netns, Family family, std::size_t connections)
    : outcome(netns), waits(connections) {
  if (connections > kAtMost) throw WorkloadError("too many connections to time");
  Party& server = add_server(outcome, family, {}, [=](Actor& actor, int listener) {
    actor.wait_go();
    std::vector<Fd> sockets(connections);
    Words accepted{};
    for (std::size_t i = 0; i < connections; ++i) {
      timed(accepted, i, [&] { sockets[i] = accept_one(actor, listener); });
    }
    actor.tell(accepted);
    for (Fd& socket : sockets) server_half(actor, socket, Exchange{});
  });
  const Address target = Address::destination(family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    std::vector<Fd> sockets(connections);
    Words connected{};
    for (std::size_t i = 0; i < connections; ++i) {
      timed(connected, i, [&] { sockets[i] = connected_to(actor, target); });
    }
    actor.tell(connected);
    actor.wait_go();
    for (Fd& socket : sockets) client_half(actor, socket, Exchange{});
  }));
  connected_ = client.wait_told();
  outcome.settle();
}

void AcceptWait::accept_all() {
  Party& server = outcome.party("server");
  server.go();
  const Words accepted = server.wait_told();
  for (std::size_t i = 0; i < waits.size(); ++i) {
    waits[i].at_least = accepted[2 * i] - connected_[2 * i + 1];
    waits[i].at_most = accepted[2 * i + 1] - connected_[2 * i];
  }
  Party& client = outcome.party("client");
  client.go();
  client.wait_done();
  server.wait_done();
  outcome.settle();
}

}  // namespace tcpwatch::workload
