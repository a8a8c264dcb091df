// SPDX-License-Identifier: Apache-2.0
#include "app/agent/web_transport.h"

#include <sys/socket.h>

#include <cerrno>

namespace tcpwatch {
namespace {

Moved outcome(ssize_t result, Moved would_wait, std::size_t& moved) {
  if (result > 0) {
    moved = static_cast<std::size_t>(result);
    return Moved::kBytes;
  }
  const bool waits = result < 0 && (errno == EAGAIN || errno == EINTR);
  return waits ? would_wait : Moved::kClosed;
}

}  // namespace

Moved WebTransport::read(std::span<char> room, std::size_t& moved) {
  return outcome(::recv(fd(), room.data(), room.size(), MSG_DONTWAIT), Moved::kWantsRead, moved);
}

Moved WebTransport::write(std::string_view bytes, std::size_t& moved) {
  return outcome(::send(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL),
                 Moved::kWantsWrite, moved);
}

}  // namespace tcpwatch
