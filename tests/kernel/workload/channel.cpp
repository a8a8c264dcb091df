// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <type_traits>

namespace tcpwatch::workload {

static_assert(std::is_trivially_copyable_v<Message>);

std::pair<Channel, Channel> Channel::make() {
  int ends[2];
  check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  return {Channel(Fd(ends[0])), Channel(Fd(ends[1]))};
}

bool Channel::send(const Message& message) const {
  return ::send(fd(), &message, sizeof(message), MSG_NOSIGNAL) == sizeof(message);
}

std::optional<Message> Channel::receive(const Deadline& deadline) const {
  if (!wait_for(fd(), POLLIN, deadline)) throw WorkloadError("no message in time");
  Message message;
  ssize_t got = 0;
  do {
    got = ::recv(fd(), &message, sizeof(message), 0);
  } while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof(message))) return std::nullopt;
  return message;
}

Words words_of(std::initializer_list<std::int64_t> values) {
  Words words{};
  if (values.size() > words.size()) throw WorkloadError("too many words for one message");
  std::copy(values.begin(), values.end(), words.begin());
  return words;
}

}  // namespace tcpwatch::workload
