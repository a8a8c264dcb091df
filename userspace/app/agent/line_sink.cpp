// SPDX-License-Identifier: Apache-2.0
#include "app/agent/line_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tcpwatch {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{8} << 20;
constexpr std::uint64_t kRetry = 1'000'000'000;

}  // namespace

Result<LineSink> LineSink::open(const std::string& where) {
  if (where == "-") return LineSink("");
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (!where.starts_with("unix:") || where.size() <= 5 || where.size() - 5 > kLongest)
    return Error{ErrorKind::kUsage, "jsonl: - or unix:PATH is wanted, not " + where, ""};
  return LineSink(where.substr(5));
}

void LineSink::write(std::string_view line) {
  if (waiting_.size() + line.size() + 1 > kMostWaiting) {
    ++dropped_;
    return;
  }
  waiting_.append(line) += '\n';
  ++written_;
}

void LineSink::connect(std::uint64_t now_ns) {
  if (socket_ || now_ns < next_try_ns_) return;
  next_try_ns_ = now_ns + kRetry;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::memcpy(address.sun_path, path_.c_str(), path_.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return;
  socket_ = std::move(socket);
  // The new reader begins with a whole line.
  if (broken_) waiting_.erase(0, waiting_.find('\n') + 1);
  broken_ = false;
}

void LineSink::flush(std::uint64_t now_ns) {
  const bool standard = path_.empty();
  if (!standard) connect(now_ns);
  const int fd = standard ? STDOUT_FILENO : socket_.get();
  while (fd >= 0 && !waiting_.empty()) {
    // Standard output may be shared with others: it stays blocking, so only what surely fits a pipe
    // is written at a time.
    pollfd ready{fd, POLLOUT, 0};
    if (::poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0) {
      if (ready.revents & (POLLERR | POLLHUP)) socket_.reset();
      return;
    }
    const std::size_t part =
        standard ? std::min<std::size_t>(waiting_.size(), 4096) : waiting_.size();
    const ssize_t sent = standard ? ::write(fd, waiting_.data(), part)
                                  : ::send(fd, waiting_.data(), part, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0) {
      if (errno != EAGAIN && errno != EINTR) socket_.reset();
      return;
    }
    broken_ = waiting_[static_cast<std::size_t>(sent) - 1] != '\n';
    waiting_.erase(0, static_cast<std::size_t>(sent));
  }
}

}  // namespace tcpwatch
