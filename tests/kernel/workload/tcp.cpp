// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace tcpwatch::workload {

void set_option(int socket, int level, int name, int value, const char* what) {
  check(::setsockopt(socket, level, name, &value, sizeof(value)), what);
}

Fd listen_on(Actor& actor, const Address& address, const ListenOptions& options) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | (options.nonblocking ? SOCK_NONBLOCK : 0);
  Fd socket(check(::socket(address.family(), type, options.protocol), "socket"));
  set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (options.reuseport) set_option(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  if (address.family() == AF_INET6) {
    set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0, "IPV6_V6ONLY");
  }
  if (options.defer_accept_seconds != 0) {
    set_option(socket.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, options.defer_accept_seconds,
               "TCP_DEFER_ACCEPT");
  }
  if (options.fast_open_queue != 0) {
    set_option(socket.get(), IPPROTO_TCP, TCP_FASTOPEN, options.fast_open_queue, "TCP_FASTOPEN");
  }
  if (::bind(socket.get(), address.get(), address.size()) != 0 ||
      ::listen(socket.get(), options.backlog) != 0) {
    fail_errno("listen on " + address.text());
  }
  ++actor.counts.listens;
  return socket;
}

void close_listener(Actor& actor, Fd& listener) {
  listener.reset();
  ++actor.counts.listener_closes;
}

Fd accept_one(Actor& actor, int listener, const AcceptOptions& options) {
  sockaddr_storage peer{};
  socklen_t size = sizeof(peer);
  auto* address = options.with_address ? reinterpret_cast<sockaddr*>(&peer) : nullptr;
  socklen_t* length = options.with_address ? &size : nullptr;
  int got = -1;
  do {
    got = options.call == AcceptCall::accept4 ? ::accept4(listener, address, length, SOCK_CLOEXEC)
                                              : ::accept(listener, address, length);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) {
    ++actor.counts.accepts_empty;
    return Fd();
  }
  check(got, "accept");
  ++actor.counts.accepts;
  return Fd(got);
}

void close_connection(Actor& actor, Fd& socket) {
  socket.reset();
  ++actor.counts.closes;
}

void reset_connection(Actor& actor, Fd& socket) {
  const linger now{1, 0};
  check(::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now)), "SO_LINGER");
  close_connection(actor, socket);
}

void send_bytes(Actor& actor, int socket, std::size_t size) {
  static const std::array<char, 16384> kNothing{};
  while (size > 0) {
    const ssize_t sent =
        ::send(socket, kNothing.data(), std::min(size, kNothing.size()), MSG_NOSIGNAL);
    check(sent, "send");
    actor.counts.bytes_sent += static_cast<std::uint64_t>(sent);
    size -= static_cast<std::size_t>(sent);
  }
}

void receive_bytes(Actor& actor, int socket, std::size_t size) {
  std::array<char, 16384> buffer;
  while (size > 0) {
    const ssize_t got = ::recv(socket, buffer.data(), std::min(size, buffer.size()), 0);
    check(got, "recv");
    if (got == 0) throw WorkloadError("recv: the peer closed too early");
    actor.counts.bytes_received += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
}

bool receive_end(int socket) {
  char byte = 0;
  const ssize_t got = ::recv(socket, &byte, 1, 0);
  if (got == 0) return true;
  if (got > 0) throw WorkloadError("recv: bytes where the end was expected");
  if (errno != ECONNRESET) check(-1, "recv");
  return false;
}

}  // namespace tcpwatch::workload
