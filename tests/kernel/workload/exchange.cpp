// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/exchange.h"

namespace tcpwatch::workload {

void client_half(Actor& actor, Fd& socket, const Exchange& exchange) {
  send_bytes(actor, socket.get(), exchange.bytes);
  receive_bytes(actor, socket.get(), exchange.bytes);
  switch (exchange.closing) {
    case Closing::client_first:
      return close_connection(actor, socket);
    case Closing::client_reset:
      return reset_connection(actor, socket);
    case Closing::server_first:
      receive_end(socket.get());
      return close_connection(actor, socket);
  }
}

void server_half(Actor& actor, Fd& socket, const Exchange& exchange) {
  receive_bytes(actor, socket.get(), exchange.bytes);
  send_bytes(actor, socket.get(), exchange.bytes);
  if (exchange.closing != Closing::server_first) receive_end(socket.get());
  close_connection(actor, socket);
}

}  // namespace tcpwatch::workload
