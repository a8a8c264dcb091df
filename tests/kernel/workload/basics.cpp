// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/basics.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

namespace tcpwatch::workload {

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : "errno " + std::to_string(error);
}

void fail_errno(const std::string& what) { throw WorkloadError(what + ": " + errno_name(errno)); }

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

int Deadline::left_ms() const {
  return static_cast<int>(
      std::max<std::int64_t>(0, (end_ - now_ns() + kMillisecond - 1) / kMillisecond));
}

bool wait_for(int fd, short events, const Deadline& deadline) {
  pollfd waiting{fd, events, 0};
  for (;;) {
    const int ready = ::poll(&waiting, 1, deadline.left_ms());
    if (ready > 0) return true;
    if (ready == 0 && deadline.over()) return false;
    if (ready < 0 && errno != EINTR) check(ready, "poll");
  }
}

}  // namespace tcpwatch::workload
