// SPDX-License-Identifier: Apache-2.0
//
// One connection from its establishment to its end, as the client's and the server's half: some
// bytes each way, then a close that one of the two begins. Both halves know who begins, so the
// order of the state changes is fixed.
#pragma once

#include "kernel/workload/tcp.h"

namespace tcpwatch::workload {

enum class Closing {
  client_first,  // client: FIN_WAIT1, FIN_WAIT2, TIME_WAIT; server: CLOSE_WAIT, LAST_ACK
  server_first,  // the other way round
  client_reset,  // the client sends an RST
};

struct Exchange {
  Closing closing = Closing::client_first;
  std::size_t bytes = 0;  // each way
};

void client_half(Actor& actor, Fd& socket, const Exchange& exchange);
void server_half(Actor& actor, Fd& socket, const Exchange& exchange);

}  // namespace tcpwatch::workload
