// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/roles.h"

#include <poll.h>

namespace tcpwatch::workload {

Party& add_listener(Outcome& outcome, const std::string& role, const Address& address,
                    const ListenOptions& options, const Serving& serving) {
  Party& party = outcome.add(Party::start(*outcome.netns, role, [=](Actor& actor) {
    Fd listener = listen_on(actor, address, options);
    const int fd = listener.get();
    actor.keep(std::move(listener));
    actor.tell({Address::of_socket(fd).port()});
    serving(actor, fd);
  }));
  party.listener = address.with_port(static_cast<std::uint16_t>(party.wait_told()[0]));
  return party;
}

Party& add_server(Outcome& outcome, Family family, const ListenOptions& options,
                  const Serving& serving) {
  return add_listener(outcome, "server", Address::listener(family), options, serving);
}

void connect_and_exchange(Actor& actor, const Address& target, std::size_t connections,
                          const Exchange& exchange, const ConnectOptions& options) {
  for (std::size_t i = 0; i < connections; ++i) {
    Fd socket = connected_to(actor, target, options);
    client_half(actor, socket, exchange);
  }
}

bool next_connection_or_word(int listener, int channel) {
  pollfd waiting[2] = {{listener, POLLIN, 0}, {channel, POLLIN, 0}};
  check(::poll(waiting, 2, -1), "poll");
  return waiting[1].revents == 0;
}

}  // namespace tcpwatch::workload
