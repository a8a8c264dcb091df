// SPDX-License-Identifier: Apache-2.0
#include "host/listening.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/address.h"
#include "base/unique_fd.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

Error broken(const char* what) {
  return {ErrorKind::kCannotTell, std::string("sock_diag: ") + what + ": " + std::strerror(errno),
          ""};
}

ListeningSocket socket_of(const inet_diag_msg& message) {
  tw_endpoint at{};
  if (message.idiag_family == AF_INET) {
    at.address[10] = at.address[11] = 0xff;
    std::memcpy(at.address + 12, message.id.idiag_src, 4);
  } else {
    std::memcpy(at.address, message.id.idiag_src, sizeof at.address);
  }
  at.port = ntohs(message.id.idiag_sport);
  return {format_endpoint(at), message.idiag_rqueue, message.idiag_wqueue, message.idiag_inode};
}

Result<> dump(int socket, std::uint8_t family, std::vector<ListeningSocket>& found) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 request;
  } ask{};
  ask.header.nlmsg_len = sizeof ask;
  ask.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  ask.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  ask.request.sdiag_family = family;
  ask.request.sdiag_protocol = IPPROTO_TCP;
  ask.request.idiag_states = 1U << TCP_LISTEN;
  if (::send(socket, &ask, sizeof ask, 0) < 0) return broken("send");
  alignas(nlmsghdr) std::array<char, 32768> buffer;
  for (;;) {
    ssize_t got = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return broken("receive");
    auto left = static_cast<unsigned>(got);
    for (auto* at = reinterpret_cast<nlmsghdr*>(buffer.data()); NLMSG_OK(at, left);
         at = NLMSG_NEXT(at, left)) {
      if (at->nlmsg_type == NLMSG_DONE) return Ok{};
      if (at->nlmsg_type == NLMSG_ERROR) return broken("refused");
      if (at->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) continue;
      found.push_back(socket_of(*static_cast<const inet_diag_msg*>(NLMSG_DATA(at))));
    }
  }
}

}  // namespace

Result<std::vector<ListeningSocket>> listening_sockets() {
  const UniqueFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket) return broken("socket");
  std::vector<ListeningSocket> found;
  for (const std::uint8_t family : {AF_INET, AF_INET6})
    if (const auto read = dump(socket.get(), family, found); !read) return read.error();
  return found;
}

}  // namespace tcpwatch
