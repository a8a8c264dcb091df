// SPDX-License-Identifier: Apache-2.0
#include "app/agent/line_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "app/agent/quiet_thread.h"
#include "base/clock.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostWaiting = std::size_t{8} << 20;
constexpr std::chrono::seconds kRetry{1};
constexpr std::uint64_t kLastWords = 1'000'000'000;
constexpr int kLookAround = 100;  // ms, while the reader takes nothing

}  // namespace

Result<std::unique_ptr<LineSink>> LineSink::open(const std::string& where) {
  if (where == "-") return std::make_unique<LineSink>("");
  constexpr std::size_t kLongest = sizeof(sockaddr_un::sun_path) - 1;
  if (!where.starts_with("unix:") || where.size() <= 5 || where.size() - 5 > kLongest)
    return Error{ErrorKind::kUsage, "jsonl: - or unix:PATH is wanted, not " + where, ""};
  return std::make_unique<LineSink>(where.substr(5));
}

LineSink::LineSink(std::string path)
    : path_(std::move(path)), thread_(start_quiet_thread([this] { run(); })) {}

LineSink::~LineSink() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    ends_ns_ = monotonic_ns() + kLastWords;
  }
  wake_.notify_all();
  thread_.join();
}

void LineSink::write(std::string_view line) {
  const std::size_t size = line.size() + 1;
  if (bytes_ + size > kMostWaiting) {
    ++dropped_;
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    waiting_.append(line) += '\n';
    bytes_ += size;
  }
  wake_.notify_all();
}

bool LineSink::pause() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, kRetry, [this] { return ending_; });
}

void LineSink::run() {
  for (bool more = true; more;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
      more = !ending_;
      going_ = std::exchange(waiting_, {});
      gone_ = 0;
    }
    send_all();
  }
}

void LineSink::send_all() {
  while (gone_ < going_.size()) {
    const int fd = path_.empty() ? STDOUT_FILENO : connect() ? socket_.get() : -1;
    if (fd >= 0 && (gone_ == going_.size() || send_some(fd))) continue;
    socket_.reset();
    if (!pause()) return;
  }
}

bool LineSink::connect() {
  if (socket_) return true;
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  std::memcpy(address.sun_path, path_.c_str(), path_.size());
  UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  socket_ = std::move(socket);
  // The new reader begins with a whole line.
  if (gone_ != 0 && going_[gone_ - 1] != '\n') {
    const std::size_t rest = going_.find('\n', gone_) + 1 - gone_;
    gone_ += rest;
    bytes_ -= rest;
    ++dropped_;
  }
  return true;
}

// False: that way is closed.
bool LineSink::send_some(int fd) {
  pollfd ready{fd, POLLOUT, 0};
  if (::poll(&ready, 1, kLookAround) == 0) return monotonic_ns() < ends_ns_;
  // Standard output may be shared with others: it stays blocking, so only what surely fits a pipe
  // is written at a time.
  const bool standard = path_.empty();
  const std::string_view rest = std::string_view(going_).substr(gone_);
  const ssize_t sent = standard ? ::write(fd, rest.data(), std::min<std::size_t>(rest.size(), 4096))
                                : ::send(fd, rest.data(), rest.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent <= 0) return sent < 0 && (errno == EAGAIN || errno == EINTR);
  const auto size = static_cast<std::size_t>(sent);
  gone_ += size;
  bytes_ -= size;
  written_ += static_cast<std::uint64_t>(std::ranges::count(rest.substr(0, size), '\n'));
  return true;
}

}  // namespace tcpwatch
