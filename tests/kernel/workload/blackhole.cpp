// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/blackhole.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include "kernel/workload/netlink.h"

namespace tcpwatch::workload {
namespace {

constexpr std::uint16_t kPort = 80;

// IPv6 refuses unicast routes through lo, but a SYN to an anycast address is dropped without an
// answer (tcp_v6_conn_request and tcp_v6_send_reset both want a unicast destination).
Fd join_anycast(const char* address) {
  Fd socket(check(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  ipv6_mreq join{};
  ::inet_pton(AF_INET6, address, &join.ipv6mr_multiaddr);
  join.ipv6mr_interface = ::if_nametoindex("lo");
  check(::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_JOIN_ANYCAST, &join, sizeof(join)),
        "join anycast");
  return socket;
}

}  // namespace

Blackhole::Blackhole(const Netns& netns, Family family) {
  netns.run_inside([&] {
    if (family == Family::v6) {
      add_address("lo", "2001:db8:b1ac::1", 64);
      anycast_ = join_anycast("2001:db8:b1ac::dead");
      destination_ = Address("2001:db8:b1ac::dead", kPort);
      return;
    }
    // Not a local address, so loopback brings the packet back with a route that discards input.
    add_route(RouteKind::unicast, "10.255.0.0", 16, "lo");
    destination_ = Address(family == Family::mapped ? "::ffff:10.255.0.1" : "10.255.0.1", kPort);
  });
}

}  // namespace tcpwatch::workload
