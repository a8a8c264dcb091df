// SPDX-License-Identifier: Apache-2.0
//
// Parts that many scenarios are made of: a process that listens and then does something with its
// listener, a client that makes its connections one after the other.
#pragma once

#include <functional>
#include <string>

#include "kernel/workload/exchange.h"
#include "kernel/workload/outcome.h"

namespace tcpwatch::workload {

using Serving = std::function<void(Actor&, int listener)>;

// Starts a process that listens on `address` (port 0: any), tells its port and then does
// `serving`; afterwards it parks with the listener open. Party::listener is set on return.
Party& add_listener(Outcome& outcome, const std::string& role, const Address& address,
                    const ListenOptions& options, const Serving& serving);
// The same, called "server", on the family's loopback address.
Party& add_server(Outcome& outcome, Family family, const ListenOptions& options,
                  const Serving& serving);

void connect_and_exchange(Actor& actor, const Address& target, std::size_t connections,
                          const Exchange& exchange, const ConnectOptions& options = {});

// Waits for either: true if a connection can be accepted, false if the test said something.
bool next_connection_or_word(int listener, int channel);

}  // namespace tcpwatch::workload
