// SPDX-License-Identifier: Apache-2.0
#include "drill/netlink.h"

#include <sys/socket.h>

#include <cerrno>

#include "base/unique_fd.h"
#include "drill/actor.h"

namespace tcpwatch {

void NetlinkRequest::put(int type, const void* data, std::size_t size) {
  auto* attribute = reinterpret_cast<rtattr*>(bytes_ + NLMSG_ALIGN(header()->nlmsg_len));
  attribute->rta_type = static_cast<std::uint16_t>(type);
  attribute->rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
  if (size != 0) std::memcpy(RTA_DATA(attribute), data, size);
  skip(RTA_ALIGN(attribute->rta_len));
}

void NetlinkRequest::put_text(int type, std::string_view text) {
  put(type, text.data(), text.size() + 1);
}

std::size_t NetlinkRequest::begin(int type) {
  const std::size_t at = NLMSG_ALIGN(header()->nlmsg_len);
  put(type, nullptr, 0);
  return at;
}

void NetlinkRequest::end(std::size_t at) {
  reinterpret_cast<rtattr*>(bytes_ + at)->rta_len =
      static_cast<std::uint16_t>(header()->nlmsg_len - at);
}

void NetlinkRequest::skip(std::size_t size) {
  header()->nlmsg_len = static_cast<std::uint32_t>(NLMSG_ALIGN(header()->nlmsg_len) + size);
}

void NetlinkRequest::send_to(int socket, const char* what) {
  must(static_cast<int>(::send(socket, bytes_, header()->nlmsg_len, 0)), what);
}

void NetlinkRequest::send(int family, const char* what) {
  header()->nlmsg_flags |= NLM_F_ACK;
  const UniqueFd socket(must(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family), what));
  send_to(socket.get(), what);
  alignas(nlmsghdr) char answer[4096];
  must(static_cast<int>(::recv(socket.get(), answer, sizeof answer, 0)), what);
  nlmsgerr verdict{};
  std::memcpy(&verdict, NLMSG_DATA(reinterpret_cast<nlmsghdr*>(answer)), sizeof verdict);
  if (verdict.error == 0) return;
  errno = -verdict.error;
  must(-1, what);
}

}  // namespace tcpwatch
