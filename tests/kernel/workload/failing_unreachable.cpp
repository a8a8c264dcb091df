// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "kernel/workload/attempts.h"
#include "kernel/workload/netlink.h"

namespace tcpwatch::workload {
namespace {

constexpr const char* kLink = "tw0";
constexpr std::uint16_t kPort = 80;

struct Far {
  const char* address;
  const char* network;
  int prefix_length;
};

Far far_of(Family family) {
  if (family == Family::v6) return {"2001:db8:fa::1", "2001:db8:fa::", 48};
  return {"192.0.2.1", "192.0.2.0", 24};
}

void refuse_by_route(const Netns& netns, NoWay kind, const Far& far) {
  const RouteKind route = kind == NoWay::unreachable ? RouteKind::unreachable
                          : kind == NoWay::prohibit  ? RouteKind::prohibit
                                                     : RouteKind::blackhole;
  netns.run_inside([&] { add_route(route, far.network, far.prefix_length); });
}

// A link whose other end is up, has no address and so answers no ARP or ND.
void make_deaf_neighbour(const Netns& netns, const Netns& other, Family family, const Far& far) {
  netns.run_inside([&] {
    add_veth(kLink, kLink, other.fd());
    set_link_up(kLink);
  });
  other.run_inside([] { set_link_up(kLink); });
  netns.run_inside([&] {
    add_address(kLink, family == Family::v6 ? "2001:db8:fa::99" : "192.0.2.99", far.prefix_length);
  });
  const std::string ip = family == Family::v6 ? "ipv6" : "ipv4";
  const std::string neighbour = "net." + ip + ".neigh." + kLink;
  netns.set_sysctl(neighbour + ".mcast_solicit", "1");
  netns.set_sysctl(neighbour + ".retrans_time_ms", "100");
}

}  // namespace

Outcome unreachable(const Netns& netns, const NoWayOptions& options) {
  Outcome outcome(netns);
  const Far far = far_of(options.family);
  std::optional<Netns> other;  // takes the link with it when the scenario is over
  if (options.kind == NoWay::neighbour) {
    other.emplace();
    try {
      make_deaf_neighbour(netns, *other, options.family, far);
    } catch (const WorkloadError& error) {
      outcome.unavailable = error.what();
      return outcome;
    }
  } else if (options.kind != NoWay::no_route) {
    refuse_by_route(netns, options.kind, far);
  }
  const std::string host =
      (options.family == Family::mapped ? "::ffff:" : "") + std::string(far.address);
  Party& client = outcome.add(Party::start(
      netns, "client", [=](Actor& actor) { attempt_all(actor, Address(host, kPort), options); }));
  client.wait_done();
  outcome.extra["port"] = kPort;
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
