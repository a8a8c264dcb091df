// SPDX-License-Identifier: Apache-2.0
//
// Sockets, links and routes of a drill, inside its own network namespace: ports are as fixed as
// they like there. What cannot be made ends the drill (give_up).
#pragma once

#include <cstdint>
#include <deque>

namespace tcpwatch {

inline constexpr std::uint32_t kLocalhost = 0x7f000001;  // addresses are in host order
inline constexpr std::uint32_t kAnyAddress = 0;
inline constexpr std::uint16_t kDrillPort = 8080;

inline constexpr std::uint32_t kSilentNetwork = 0x0a000000;  // 10.0.0.0/8

void bring_up_loopback();
// Gives a link an address in 192.0.2.0/24.
void plug_in(const char* link, std::uint32_t address);
// 10.0.0.0/8 leads nowhere: what is sent there vanishes, without an answer.
std::uint32_t make_silent_network();
// An address on a link whose other end is not there: EHOSTUNREACH after a while.
std::uint32_t make_missing_neighbour();

struct ListenPlan {
  std::uint32_t address = kLocalhost;
  std::uint16_t port = kDrillPort;
  int backlog = 511;
  bool reuseport = false;
};
int listen_on(const ListenPlan& plan);
// Blocking; -1: no descriptor is left.
int accept_from(int listener);

// A blocking connect to 127.0.0.1; -1: refused, no port, …
int connect_to(std::uint16_t port);
// Begun and not waited for; -1: failed at once.
int begin_connect(std::uint32_t address, std::uint16_t port);

// The newest connections, at most so many: the oldest is closed for the next.
class Held {
 public:
  explicit Held(std::size_t most) : most_(most) {}
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  void add(int socket);  // negative: nothing

 private:
  std::size_t most_;
  std::deque<int> sockets_;
};

// A SYN from a made-up address to 127.0.0.1:port; `source` is any number.
void send_made_up_syn(int raw_socket, std::uint32_t source, std::uint16_t port);
int open_raw_socket();

}  // namespace tcpwatch
