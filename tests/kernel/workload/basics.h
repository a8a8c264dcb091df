// SPDX-License-Identifier: Apache-2.0
//
// What every workload file needs: a descriptor that closes itself, the monotonic clock, a deadline,
// and errors. Inside the workload errors are exceptions: a scenario that could not be made is a
// failed test, in a child process it is told to the test and thrown there. Units: nanoseconds.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace tcpwatch::workload {

struct WorkloadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// "EADDRNOTAVAIL" for 99.
std::string errno_name(int error);

// Throws WorkloadError("what: ERRNO").
[[noreturn]] void fail_errno(const std::string& what);

// The same for a negative result, else hands it back.
template <typename Integer>
int check(Integer result, const char* what) {
  if (result < 0) fail_errno(what);
  return static_cast<int>(result);
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

// CLOCK_MONOTONIC, the clock of bpf_ktime_get_ns().
std::int64_t now_ns();

constexpr std::int64_t kMillisecond = 1'000'000;
// How long anything may take before the scenario is declared hung. Emulated machines are slow.
constexpr std::int64_t kPatience = 60'000 * kMillisecond;

class Deadline {
 public:
  explicit Deadline(std::int64_t after = kPatience) : end_(now_ns() + after) {}
  bool over() const { return now_ns() >= end_; }
  int left_ms() const;  // never negative, rounded up: for poll()

 private:
  std::int64_t end_;
};

// Waits for readiness: true if ready (or hung up), false at the deadline.
bool wait_for(int fd, short events, const Deadline& deadline);

// For what the kernel announces by no event (a state in /proc/net/tcp): asks again each
// millisecond until `met` says true; throws WorkloadError("what: not within ...").
template <typename Predicate>
void wait_until(const std::string& what, Predicate met, const Deadline& deadline = Deadline()) {
  while (!met()) {
    if (deadline.over()) throw WorkloadError(what + ": did not happen in time");
    ::usleep(1000);
  }
}

}  // namespace tcpwatch::workload
