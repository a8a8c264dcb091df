// SPDX-License-Identifier: Apache-2.0
//
// Drills of connections that are not released.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "drill/actor.h"
#include "drill/network.h"
#include "drill/scenario.h"

namespace tcpwatch {
namespace {

// Accepts and keeps everything; what it cannot accept waits. Clients that have asked and got an
// answer are neither slow themselves, nor is the server.
enum class Answer { kNothing, kAtOnce };
void start_keeper(unsigned descriptors, Answer answer = Answer::kNothing) {
  const int listener = listen_on({.backlog = 511});
  start_actor("server", [=] {
    limit_descriptors(descriptors);
    for (;;) {
      const int socket = accept_from(listener);
      if (socket < 0) sleep_ms(50);
      if (socket >= 0 && answer == Answer::kAtOnce) ::send(socket, "OK", 2, MSG_NOSIGNAL);
    }
  });
  ::close(listener);
}

// Connects every `pause_ms`, at most `count` times, and keeps all.
void start_holder(int count, int pause_ms) {
  start_actor("client", [=] {
    limit_descriptors(65536);
    for (int i = 0; i < count; ++i) {
      const int socket = connect_to(kDrillPort);
      if (socket >= 0) ::send(socket, "GET /", 5, MSG_NOSIGNAL);
      if (pause_ms != 0) sleep_ms(pause_ms);
    }
  });
}

}  // namespace

void play_connection_inflow() {
  start_keeper(3000, Answer::kAtOnce);
  start_holder(2000, 33);
}

void play_connection_watermark() {
  start_keeper(200, Answer::kAtOnce);
  start_holder(180, 0);
}

// Too few for any level: only that they are idle tells.
void play_keepalive_pileup() {
  start_keeper(200, Answer::kAtOnce);
  start_holder(120, 0);
}

void play_fd_exhaustion() {
  start_keeper(64, Answer::kAtOnce);
  start_holder(2000, 50);
}

void play_close_wait_leak() {
  start_keeper(2000);
  start_actor("client", [] {
    for (;;) {
      const int socket = connect_to(kDrillPort);
      sleep_ms(50);
      if (socket >= 0) ::close(socket);
    }
  });
}

// The requests wait in the sockets of a server that never gets to them.
void play_slow_upstream() {
  start_keeper(4000);
  start_actor("client", [] {
    Held held(200);
    for (;;) {
      const int socket = connect_to(kDrillPort);
      if (socket >= 0 && ::send(socket, "GET /", 5, MSG_NOSIGNAL) == 5) held.add(socket);
      sleep_ms(200);
    }
  });
}

// Requests that never get complete.
void play_slow_clients() {
  constexpr int kClients = 100;
  start_keeper(200);
  start_actor("client", [] {
    std::array<int, kClients> sockets{};
    for (int& socket : sockets) {
      socket = must(connect_to(kDrillPort), "connect");
      ::send(socket, "GET /", 5, MSG_NOSIGNAL);
    }
    for (;;) {
      sleep_ms(2000);
      for (const int socket : sockets) ::send(socket, "x", 1, MSG_NOSIGNAL);
    }
  });
}

void play_full_server() {
  constexpr int kSlots = 32;
  const int listener = listen_on({.backlog = 511});
  start_actor("server", [=] {
    for (int taken = 0; taken < kSlots; ++taken)
      ::send(accept_from(listener), "OK", 2, MSG_NOSIGNAL);
    for (;;) ::close(accept_from(listener));
  });
  ::close(listener);
  start_holder(kSlots, 0);
  start_actor("client", [] {
    for (;;) {
      const int socket = connect_to(kDrillPort);
      sleep_ms(50);
      ::close(socket);
    }
  });
}

void play_fin_wait2_pileup() {
  constexpr int kConnections = 600;
  const int listener = listen_on({.backlog = 1024});
  start_actor("server", [=] {
    limit_descriptors(4096);
    for (;;) ::shutdown(accept_from(listener), SHUT_WR);
  });
  ::close(listener);
  start_holder(kConnections, 0);
}

}  // namespace tcpwatch
