// SPDX-License-Identifier: Apache-2.0
#include "drill/network.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"
#include "drill/actor.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kSilent = 0x0a000001;     // 10.0.0.1
constexpr std::uint32_t kLink = 0xc0000263;       // 192.0.2.99
constexpr std::uint32_t kNeighbour = 0xc0000201;  // 192.0.2.1

sockaddr_in address_of(std::uint32_t host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

const sockaddr* plain(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

UniqueFd control() {
  return UniqueFd(must(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
}

ifreq request_of(const char* link) {
  ifreq request{};
  std::strncpy(request.ifr_name, link, IFNAMSIZ - 1);
  return request;
}

void set_up(const char* link) {
  const UniqueFd socket = control();
  ifreq request = request_of(link);
  must(::ioctl(socket.get(), SIOCGIFFLAGS, &request), link);
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  must(::ioctl(socket.get(), SIOCSIFFLAGS, &request), link);
}

void set_address(const char* link, unsigned long what, std::uint32_t host) {
  const UniqueFd socket = control();
  ifreq request = request_of(link);
  const sockaddr_in address = address_of(host, 0);
  std::memcpy(&request.ifr_addr, &address, sizeof address);
  must(::ioctl(socket.get(), what, &request), link);
}

}  // namespace

void bring_up_loopback() { set_up("lo"); }

void plug_in(const char* link, std::uint32_t address) {
  set_address(link, SIOCSIFADDR, address);
  set_address(link, SIOCSIFNETMASK, 0xffffff00);
  set_up(link);
}

// Not a local address: loopback brings the packet back, and nothing takes it in.
std::uint32_t make_silent_network() {
  rtentry route{};
  const sockaddr_in network = address_of(kSilentNetwork, 0);
  const sockaddr_in mask = address_of(0xff000000, 0);
  std::memcpy(&route.rt_dst, &network, sizeof network);
  std::memcpy(&route.rt_genmask, &mask, sizeof mask);
  char link[] = "lo";
  route.rt_dev = link;
  route.rt_flags = RTF_UP;
  must(::ioctl(control().get(), SIOCADDRT, &route), "route to nowhere");
  return kSilent;
}

std::uint32_t make_missing_neighbour() {
  const int tap = must(::open("/dev/net/tun", O_RDWR | O_CLOEXEC), "/dev/net/tun");
  ifreq request = request_of("drill0");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  must(::ioctl(tap, TUNSETIFF, &request), "tap device");  // stays open: the link with it
  plug_in("drill0", kLink);
  write_setting("net.ipv4.neigh.drill0.mcast_solicit", "1");
  write_setting("net.ipv4.neigh.drill0.retrans_time_ms", "100");
  return kNeighbour;
}

int listen_on(const ListenPlan& plan) {
  const int listener = must(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  const int on = 1;
  must(::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  if (plan.reuseport)
    must(::setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on), "SO_REUSEPORT");
  const sockaddr_in address = address_of(plan.address, plan.port);
  must(::bind(listener, plain(address), sizeof address), "bind");
  must(::listen(listener, plan.backlog), "listen");
  return listener;
}

int accept_from(int listener) {
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  for (;;) {
    const int socket = ::accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
    if (socket >= 0 || (errno != EINTR && errno != ECONNABORTED)) return socket;
  }
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const sockaddr_in address = address_of(kLocalhost, port);
  if (::connect(socket, plain(address), sizeof address) == 0) return socket;
  ::close(socket);
  return -1;
}

int begin_connect(std::uint32_t host, std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket < 0) return -1;
  const sockaddr_in address = address_of(host, port);
  if (::connect(socket, plain(address), sizeof address) == 0 || errno == EINPROGRESS) return socket;
  ::close(socket);
  return -1;
}

void Held::add(int socket) {
  if (socket < 0) return;
  sockets_.push_back(socket);
  if (sockets_.size() <= most_) return;
  ::close(sockets_.front());
  sockets_.pop_front();
}

}  // namespace tcpwatch
