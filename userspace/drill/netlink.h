// SPDX-License-Identifier: Apache-2.0
//
// Requests of a drill to the kernel: a message with a fixed body and attributes, nested ones by
// offset. What the kernel refuses ends the drill (give_up). Only inside a drill's own namespaces.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tcpwatch {

class NetlinkRequest {
 public:
  template <typename Body>
  NetlinkRequest(int type, int flags, const Body& body) {
    header()->nlmsg_len = NLMSG_LENGTH(sizeof(Body));
    header()->nlmsg_type = static_cast<std::uint16_t>(type);
    header()->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    std::memcpy(NLMSG_DATA(header()), &body, sizeof body);
  }

  void put(int type, const void* data, std::size_t size);
  void put_text(int type, std::string_view text);  // NUL included
  template <typename T>
  void put_value(int type, T value) {
    put(type, &value, sizeof value);
  }
  std::size_t begin(int type);
  void end(std::size_t at);
  void skip(std::size_t size);  // zeros

  // Waits for the verdict.
  void send(int family, const char* what);
  // To a socket of the caller's, which looks for no verdict.
  void send_to(int socket, const char* what);

 private:
  nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(bytes_); }

  alignas(nlmsghdr) char bytes_[512] = {};
};

}  // namespace tcpwatch
