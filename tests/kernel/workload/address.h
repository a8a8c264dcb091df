// SPDX-License-Identifier: Apache-2.0
//
// Socket addresses of the scenarios. Family says which of the four ways a loopback connection can
// be made in; text() prints as the contract does: 127.0.0.1:80, [::1]:80, v4-mapped as IPv4.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace tcpwatch::workload {

enum class Family {
  v4,      // both ends AF_INET
  v6,      // both ends AF_INET6
  mapped,  // the client's socket is AF_INET6 and connects to ::ffff:127.0.0.1, listener AF_INET
  dual,    // the listener is AF_INET6 on [::], the client AF_INET
};

const char* name_of(Family family);

class Address {
 public:
  Address() = default;
  // Numeric text: "127.0.0.1", "2001:db8::1", "::ffff:10.0.0.1".
  Address(const std::string& host, std::uint16_t port);
  static Address listener(Family family, std::uint16_t port = 0);     // where to bind
  static Address destination(Family family, std::uint16_t port = 0);  // where to connect
  static Address of_socket(int fd);                                   // getsockname()
  static Address of_peer(int fd);                                     // getpeername()

  int family() const { return storage_.ss_family; }
  std::uint16_t port() const;
  std::string text() const;
  Address with_port(std::uint16_t port) const;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const;

 private:
  sockaddr_storage storage_{};
};

}  // namespace tcpwatch::workload
