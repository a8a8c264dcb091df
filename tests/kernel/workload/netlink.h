// SPDX-License-Identifier: Apache-2.0
//
// What `ip` would do, for machines without it: links, addresses and routes by rtnetlink. Each acts
// in the network namespace of the calling thread (use Netns::run_inside) and throws
// WorkloadError("…: ERRNO") when the kernel refuses.
#pragma once

#include <cstdint>
#include <string>

namespace tcpwatch::workload {

enum class RouteKind { unicast, unreachable, prohibit, blackhole };

void set_link_up(const std::string& name);
// "127.0.0.1" or "2001:db8::1"; IPv6 without duplicate address detection.
void add_address(const std::string& link, const std::string& address, int prefix_length);
// `link` may be empty for the refusing kinds.
void add_route(RouteKind kind, const std::string& destination, int prefix_length,
               const std::string& link = "");
// A veth pair: `name` here, `peer` in the namespace of that descriptor. Both still down.
void add_veth(const std::string& name, const std::string& peer, int peer_netns);

}  // namespace tcpwatch::workload
