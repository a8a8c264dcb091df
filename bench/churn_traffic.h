// SPDX-License-Identifier: Apache-2.0
// The connections of the churn workload, a batch at a time: what the server process and the client
// process do. Owner: bench/churn.cpp alone; each side runs in a process of its own, blocking.
// A pipe from the client to the server says how many connections come next.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <array>
#include <vector>

#include "churn_cpu.h"
#include "churn_net.h"

namespace churn {

// Connections open at once. Enough that neither side waits for each single one, few enough that
// the accept queues (1024) never fill.
inline constexpr uint32_t kBatch = 32;

inline void expect_byte(int fd) {
  char byte;
  if (recv(fd, &byte, 1, 0) != 1) fail("recv");
}

inline void send_byte(int fd) {
  if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) fail("send");
}

inline void serve_batch(const std::vector<Listener>& listeners, uint32_t count) {
  static std::array<int, kBatch> fds;
  for (uint32_t i = 0; i < count; ++i) {
    fds[i] = accept4(listeners[i % listeners.size()].fd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fds[i] < 0) fail("accept4");
    expect_byte(fds[i]);
    send_byte(fds[i]);
  }
  for (uint32_t i = 0; i < count; ++i) {
    char byte;
    if (recv(fds[i], &byte, 1, 0) != 0) fail("the client did not close first");
    close(fds[i]);
  }
}

// The pipe says how many connections come next; its end is the end.
[[noreturn]] inline void serve(const std::vector<Listener>& listeners, int batches, bool pin) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (pin) pin_to(1);
  uint32_t count;
  while (read(batches, &count, sizeof count) == sizeof count) serve_batch(listeners, count);
  _exit(0);
}

inline void connect_batch(const std::vector<Listener>& listeners, int batches, uint32_t count) {
  static std::array<int, kBatch> fds;
  if (write(batches, &count, sizeof count) != sizeof count) fail("the server is gone");
  for (uint32_t i = 0; i < count; ++i) {
    fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const Listener& to = listeners[i % listeners.size()];
    if (connect(fds[i], reinterpret_cast<const sockaddr*>(&to.address), sizeof to.address) != 0)
      fail("connect");
    send_byte(fds[i]);
  }
  for (uint32_t i = 0; i < count; ++i) {
    expect_byte(fds[i]);
    close(fds[i]);
  }
}

}  // namespace churn
