// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/serving.h"

#include <poll.h>

#include "kernel/workload/roles.h"

namespace tcpwatch::workload {
namespace {

void accept_and_serve(Actor& actor, int listener, const ServeOptions& options) {
  for (std::size_t served = 0; served < options.connections;) {
    if (options.epoll) wait_for(listener, POLLIN, Deadline());
    // Non-blocking: until it says EAGAIN, as event loops do.
    for (;;) {
      Fd socket = accept_one(actor, listener, options.accept);
      if (!socket) break;
      server_half(actor, socket, options.exchange);
      ++served;
      if (!options.epoll && served == options.connections) break;
    }
  }
}

}  // namespace

Outcome serve(const Netns& netns, const ServeOptions& options) {
  Outcome outcome(netns);
  ListenOptions listening;
  listening.nonblocking = options.epoll;
  Party& server = add_server(outcome, options.family, listening, [=](Actor& actor, int listener) {
    accept_and_serve(actor, listener, options);
  });
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    connect_and_exchange(actor, target, options.connections, options.exchange);
  }));
  client.wait_done();
  server.wait_done();
  outcome.settle();
  return outcome;
}

Outcome fork_shared_listener(const Netns& netns, const SharedOptions& options) {
  Outcome outcome(netns);
  auto parties =
      Party::start_with_workers(netns, "master", options.shares.size(), [=](Actor& actor) {
        Fd listener = listen_on(actor, Address::listener(options.family));
        for (std::size_t i = 0; i < options.shares.size(); ++i) {
          actor.fork_worker(i, "tw-worker-" + std::to_string(i), [&, i](Actor& worker) {
            for (std::size_t n = 0; n < options.shares[i]; ++n) {
              Fd socket = accept_one(worker, listener.get());
              server_half(worker, socket, options.exchange);
            }
            worker.keep(std::move(listener));
          });
        }
        actor.keep(std::move(listener));
        actor.park({Address::of_socket(actor.kept().front().get()).port()});
      });
  for (Party& party : parties) outcome.add(std::move(party));
  Party& master = outcome.party("master");
  const auto port = static_cast<std::uint16_t>(master.wait_done()[0]);
  std::size_t connections = 0;
  for (const std::size_t share : options.shares) connections += share;
  const Address target = Address::destination(options.family, port);
  for (Party* worker : outcome.workers()) {
    worker->wait_started();
    worker->wait_asleep();
  }
  outcome
      .add(Party::start(netns, "client",
                        [=](Actor& actor) {
                          connect_and_exchange(actor, target, connections, options.exchange);
                        }))
      .wait_done();
  for (Party& party : outcome.parties) {
    if (!party.parked()) party.wait_done();
    if (party.role() != "client") party.listener = Address::listener(options.family, port);
  }
  outcome.settle();
  return outcome;
}

Outcome reuseport_group(const Netns& netns, const GroupOptions& options) {
  Outcome outcome(netns);
  const Exchange exchange{Closing::client_first, 1};
  std::uint16_t port = 0;
  for (std::size_t i = 0; i < options.workers; ++i) {
    ListenOptions listening;
    listening.reuseport = true;
    listening.nonblocking = true;
    const std::string role = "worker " + std::to_string(i);
    Party& worker = add_listener(outcome, role, Address::listener(options.family, port), listening,
                                 [=](Actor& actor, int listener) {
                                   while (next_connection_or_word(listener, actor.channel_fd())) {
                                     Fd socket = accept_one(actor, listener);
                                     if (socket) server_half(actor, socket, exchange);
                                   }
                                 });
    port = worker.listener.port();
  }
  const Address target = Address::destination(options.family, port);
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    connect_and_exchange(actor, target, options.connections, exchange);
  }));
  client.wait_done();
  // The byte that came back says that each was accepted; the last ones may not be closed yet.
  netns.wait_for_sockets("all served", [](const SocketTable& table) {
    return table.count(/*ESTABLISHED*/ 1) == 0 && table.count(/*CLOSE_WAIT*/ 8) == 0;
  });
  for (Party* worker : outcome.workers()) {
    worker->go();
    worker->wait_done();
  }
  outcome.extra["port"] = port;
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
