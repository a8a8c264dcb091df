// SPDX-License-Identifier: Apache-2.0
//
// Drills on the connecting side.
#include <unistd.h>

#include "drill/actor.h"
#include "drill/network.h"
#include "drill/scenario.h"

namespace tcpwatch {
namespace {

constexpr std::uint16_t kClosedPort = 9;

// Accepts, waits until its client has closed, closes.
void start_server(std::uint16_t port) {
  const int listener = listen_on({.port = port, .backlog = 4096});
  start_actor("server", [=] {
    for (;;) {
      const int socket = accept_from(listener);
      char byte = 0;
      while (::read(socket, &byte, 1) > 0) {
      }
      ::close(socket);
    }
  });
  ::close(listener);
}

void connect_and_close(std::uint16_t port) {
  const int socket = connect_to(port);
  if (socket >= 0) ::close(socket);
}

// So many connections end on this side: each leaves its port in TIME_WAIT for a minute.
void leave_in_time_wait(std::uint16_t port, int count) {
  for (int i = 0; i < count; ++i) connect_and_close(port);
}

}  // namespace

void play_port_exhaustion() {
  write_setting("net.ipv4.ip_local_port_range", "30000 30199");
  write_setting("net.ipv4.tcp_tw_reuse", "0");
  start_server(kDrillPort);
  start_actor("client", [] {
    for (;;) {
      connect_and_close(kDrillPort);
      sleep_ms(10);
    }
  });
}

void play_slow_port_search() {
  constexpr int kMostOfTheRange = 25'500;  // of 28,232
  write_setting("net.ipv4.ip_local_port_range", "32768 60999");
  write_setting("net.ipv4.tcp_tw_reuse", "0");
  write_setting("net.ipv4.tcp_max_tw_buckets", "262144");
  start_server(kDrillPort);
  start_actor("client", [] {
    leave_in_time_wait(kDrillPort, kMostOfTheRange);
    for (;;) {
      connect_and_close(kDrillPort);
      sleep_ms(40);
    }
  });
}

// TIME_WAIT is bounded, so that ports and memory are not what it is about.
void play_short_connection_storm() {
  constexpr int kAtOnce = 4;
  write_setting("net.ipv4.tcp_max_tw_buckets", "8192");
  start_server(kDrillPort);
  start_actor("client", [] {
    for (;;) {
      for (int i = 0; i < kAtOnce; ++i) connect_and_close(kDrillPort);
      sleep_ms(2);
    }
  });
}

void play_connect_timeout() {
  const std::uint32_t silent = make_silent_network();
  start_actor("client", [=] {
    Held held(200);
    for (;;) {
      held.add(begin_connect(silent, kDrillPort));
      sleep_ms(200);
    }
  });
}

void play_connect_refused() {
  start_actor("client", [] {
    for (;;) {
      connect_and_close(kClosedPort);
      sleep_ms(50);
    }
  });
}

void play_connect_unreachable() {
  const std::uint32_t nobody = make_missing_neighbour();
  start_actor("client", [=] {
    Held held(64);
    for (;;) {
      held.add(begin_connect(nobody, kDrillPort));
      sleep_ms(50);
    }
  });
}

void play_connect_abandoned() {
  const std::uint32_t silent = make_silent_network();
  start_actor("client", [=] {
    for (;;) {
      const int socket = begin_connect(silent, kDrillPort);
      sleep_ms(50);
      if (socket >= 0) ::close(socket);
    }
  });
}

// To several ports, and less than half of the range for each: the search is quick until then. A
// client for each: one that waits for its server after each step takes half a minute.
void play_time_wait_high() {
  constexpr int kPorts = 4;
  constexpr int kEach = 27'500;
  write_setting("net.ipv4.ip_local_port_range", "1024 65535");
  write_setting("net.ipv4.tcp_tw_reuse", "0");
  write_setting("net.ipv4.tcp_max_tw_buckets", "262144");
  for (int i = 0; i < kPorts; ++i) {
    const auto port = static_cast<std::uint16_t>(kDrillPort + i);
    start_server(port);
    start_actor("client", [=] { leave_in_time_wait(port, kEach); });
  }
}

}  // namespace tcpwatch
