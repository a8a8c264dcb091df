// SPDX-License-Identifier: Apache-2.0
//
// TCP calls of a scenario's process, each counted in Actor::counts as the program itself would
// count it. They throw WorkloadError for what no scenario expects; an expected failure of
// connect() is a value (Attempt::error). Child processes only.
#pragma once

#include <cstddef>
#include <optional>

#include "kernel/workload/actor.h"
#include "kernel/workload/address.h"

namespace tcpwatch::workload {

struct ListenOptions {
  int backlog = 256;
  bool reuseport = false;
  bool nonblocking = false;
  int defer_accept_seconds = 0;
  int fast_open_queue = 0;
  int protocol = 0;  // IPPROTO_MPTCP
};

enum class AcceptCall { accept4, accept };

struct AcceptOptions {
  AcceptCall call = AcceptCall::accept4;
  bool with_address = true;  // a buffer for the peer's address, or NULL
};

struct ConnectOptions {
  bool nonblocking = false;
  std::optional<Address> source;  // bind() to it first; port 0: chosen by connect()
  bool early_port = false;        // … chosen by bind() instead
  bool reuse_address = false;     // SO_REUSEADDR before the bind
  int send_timeout_ms = 0;        // SO_SNDTIMEO
  int user_timeout_ms = 0;        // TCP_USER_TIMEOUT
  int syn_count = 0;              // TCP_SYNCNT
  int protocol = 0;
};

struct Attempt {
  Fd socket;
  int error = 0;  // 0: connected. EINPROGRESS, EINTR: under way, not counted as a failure
};

Fd listen_on(Actor& actor, const Address& address, const ListenOptions& options = {});
void close_listener(Actor& actor, Fd& listener);
// Without a connection (EAGAIN of a non-blocking listener) an empty Fd.
Fd accept_one(Actor& actor, int listener, const AcceptOptions& options = {});

Attempt connect_to(Actor& actor, const Address& address, const ConnectOptions& options = {});
// Another connect() of a socket that was refused before.
void connect_again(Actor& actor, Attempt& attempt, const Address& address);
// As connect_to, for scenarios in which it must succeed.
Fd connected_to(Actor& actor, const Address& address, const ConnectOptions& options = {});
// Waits for the outcome of a non-blocking attempt and counts it; EINPROGRESS if none in time.
int finish_connect(Actor& actor, const Attempt& attempt, const Deadline& deadline);
void abandon(Actor& actor, Attempt& attempt);  // close() with the handshake under way

void close_connection(Actor& actor, Fd& socket);
void reset_connection(Actor& actor, Fd& socket);  // SO_LINGER 0: an RST goes out
void send_bytes(Actor& actor, int socket, std::size_t size);
void receive_bytes(Actor& actor, int socket, std::size_t size);
// Until the peer's FIN (true) or RST (false); a byte is an error.
bool receive_end(int socket);

void set_option(int socket, int level, int name, int value, const char* what);

}  // namespace tcpwatch::workload
