// SPDX-License-Identifier: Apache-2.0
// The connecting half of tcp.h.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>

#include "kernel/workload/tcp.h"

namespace tcpwatch::workload {
namespace {

void count_outcome(Actor& actor, int error) {
  if (error == 0) {
    ++actor.counts.established_out;
  } else if (error != EINPROGRESS && error != EINTR) {
    ++actor.counts.failures.at(static_cast<std::size_t>(error));
  }
}

void bind_source(int socket, const ConnectOptions& options) {
  const Address& source = *options.source;
  if (options.reuse_address) set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR");
  if (source.port() == 0 && !options.early_port) {
    set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1, "IP_BIND_ADDRESS_NO_PORT");
  }
  if (::bind(socket, source.get(), source.size()) != 0) fail_errno("bind " + source.text());
}

}  // namespace

Attempt connect_to(Actor& actor, const Address& address, const ConnectOptions& options) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | (options.nonblocking ? SOCK_NONBLOCK : 0);
  Attempt attempt{Fd(check(::socket(address.family(), type, options.protocol), "socket")), 0};
  const int fd = attempt.socket.get();
  if (options.user_timeout_ms != 0) {
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.user_timeout_ms, "TCP_USER_TIMEOUT");
  }
  if (options.syn_count != 0) {
    set_option(fd, IPPROTO_TCP, TCP_SYNCNT, options.syn_count, "TCP_SYNCNT");
  }
  if (options.send_timeout_ms != 0) {
    const timeval limit{options.send_timeout_ms / 1000, options.send_timeout_ms % 1000 * 1000};
    check(::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)), "SO_SNDTIMEO");
  }
  if (options.source) bind_source(fd, options);
  ++actor.counts.connects;
  if (::connect(fd, address.get(), address.size()) != 0) attempt.error = errno;
  count_outcome(actor, attempt.error);
  return attempt;
}

void connect_again(Actor& actor, Attempt& attempt, const Address& address) {
  ++actor.counts.connects;
  attempt.error = ::connect(attempt.socket.get(), address.get(), address.size()) != 0 ? errno : 0;
  count_outcome(actor, attempt.error);
}

Fd connected_to(Actor& actor, const Address& address, const ConnectOptions& options) {
  Attempt attempt = connect_to(actor, address, options);
  if (attempt.error != 0) {
    throw WorkloadError("connect " + address.text() + ": " + errno_name(attempt.error));
  }
  return std::move(attempt.socket);
}

int finish_connect(Actor& actor, const Attempt& attempt, const Deadline& deadline) {
  if (attempt.error != EINPROGRESS) return attempt.error;
  if (!wait_for(attempt.socket.get(), POLLOUT, deadline)) return EINPROGRESS;
  int error = 0;
  socklen_t size = sizeof(error);
  check(::getsockopt(attempt.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size), "SO_ERROR");
  count_outcome(actor, error);
  return error;
}

void abandon(Actor& actor, Attempt& attempt) {
  attempt.socket.reset();
  ++actor.counts.abandoned;
}

}  // namespace tcpwatch::workload
