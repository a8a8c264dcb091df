// SPDX-License-Identifier: Apache-2.0
// The connections of the churn workload, a batch at a time: what the server process and the client
// process do. Owner: bench/churn.cpp alone; each side runs in a process of its own, blocking.
// A pipe from the client to the server says how many connections come next. They are made one after
// the other, as most clients do, or `together`: open at once, which saves most of the waiting and
// so makes the cheapest connections that there are.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <array>
#include <vector>

#include "churn_cpu.h"
#include "churn_net.h"

namespace churn {

// Connections that the pipe speaks of at once; if together, few enough that the accept queues
// (1024) never fill.
inline constexpr uint32_t kBatch = 32;

inline void expect_byte(int fd) {
  char byte;
  if (recv(fd, &byte, 1, 0) != 1) fail("recv");
}

inline void send_byte(int fd) {
  if (send(fd, "x", 1, MSG_NOSIGNAL) != 1) fail("send");
}

inline int accept_and_answer(const Listener& listener) {
  const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) fail("accept4");
  expect_byte(fd);
  send_byte(fd);
  return fd;
}

inline void close_after_client(int fd) {
  char byte;
  if (recv(fd, &byte, 1, 0) != 0) fail("the client did not close first");
  close(fd);
}

inline void serve_one_by_one(const std::vector<Listener>& listeners, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i)
    close_after_client(accept_and_answer(listeners[i % listeners.size()]));
}

inline void serve_together(const std::vector<Listener>& listeners, uint32_t count) {
  static std::array<int, kBatch> fds;
  for (uint32_t i = 0; i < count; ++i) fds[i] = accept_and_answer(listeners[i % listeners.size()]);
  for (uint32_t i = 0; i < count; ++i) close_after_client(fds[i]);
}

// The pipe says how many connections come next; its end is the end.
[[noreturn]] inline void serve(const std::vector<Listener>& listeners, int batches, bool pin,
                               bool together) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (pin) pin_to(1);
  uint32_t count;
  while (read(batches, &count, sizeof count) == sizeof count)
    together ? serve_together(listeners, count) : serve_one_by_one(listeners, count);
  _exit(0);
}

inline int connect_and_send(const Listener& to) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to.address), sizeof to.address) != 0)
    fail("connect");
  send_byte(fd);
  return fd;
}

inline void expect_answer_and_close(int fd) {
  expect_byte(fd);
  close(fd);
}

inline void connect_batch(const std::vector<Listener>& listeners, int batches, uint32_t count,
                          bool together) {
  static std::array<int, kBatch> fds;
  if (write(batches, &count, sizeof count) != sizeof count) fail("the server is gone");
  for (uint32_t i = 0; i < count; ++i) {
    fds[i] = connect_and_send(listeners[i % listeners.size()]);
    if (!together) expect_answer_and_close(fds[i]);
  }
  for (uint32_t i = 0; together && i < count; ++i) expect_answer_and_close(fds[i]);
}

}  // namespace churn
