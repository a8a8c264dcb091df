// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "kernel/workload/basics.h"

namespace tcpwatch::workload {

const char* name_of(Family family) {
  constexpr const char* kNames[] = {"v4", "v6", "mapped", "dual"};
  return kNames[static_cast<int>(family)];
}

Address::Address(const std::string& host, std::uint16_t port) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&storage_, &v4, sizeof(v4));
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&storage_, &v6, sizeof(v6));
  } else {
    throw WorkloadError("not an address: " + host);
  }
}

Address Address::listener(Family family, std::uint16_t port) {
  if (family == Family::dual) return {"::", port};
  return {family == Family::v6 ? "::1" : "127.0.0.1", port};
}

Address Address::destination(Family family, std::uint16_t port) {
  if (family == Family::mapped) return {"::ffff:127.0.0.1", port};
  return {family == Family::v6 ? "::1" : "127.0.0.1", port};
}

Address Address::of_socket(int fd) {
  Address address;
  socklen_t size = sizeof(address.storage_);
  check(::getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage_), &size), "getsockname");
  return address;
}

Address Address::of_peer(int fd) {
  Address address;
  socklen_t size = sizeof(address.storage_);
  check(::getpeername(fd, reinterpret_cast<sockaddr*>(&address.storage_), &size), "getpeername");
  return address;
}

// The port is at the same place in both kinds.
static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));

std::uint16_t Address::port() const {
  std::uint16_t port = 0;
  std::memcpy(&port, reinterpret_cast<const char*>(&storage_) + offsetof(sockaddr_in, sin_port),
              sizeof(port));
  return ntohs(port);
}

Address Address::with_port(std::uint16_t port) const {
  Address copy = *this;
  const std::uint16_t wire = htons(port);
  std::memcpy(reinterpret_cast<char*>(&copy.storage_) + offsetof(sockaddr_in, sin_port), &wire,
              sizeof(wire));
  return copy;
}

socklen_t Address::size() const {
  return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

std::string Address::text() const {
  char host[INET6_ADDRSTRLEN] = "?";
  if (family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage_, sizeof(v4));
    ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
    return std::string(host) + ":" + std::to_string(port());
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage_, sizeof(v6));
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], host, sizeof(host));
    return std::string(host) + ":" + std::to_string(port());
  }
  ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
  return "[" + std::string(host) + "]:" + std::to_string(port());
}

}  // namespace tcpwatch::workload
