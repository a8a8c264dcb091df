// SPDX-License-Identifier: Apache-2.0
//
// Scenarios in which connections are accepted and served: one server, workers that share a
// listener over fork, and a group of SO_REUSEPORT listeners. One client process makes the
// connections one after the other. Roles: "server", "client"; "master", "worker 0", ….
#pragma once

#include "kernel/workload/exchange.h"
#include "kernel/workload/outcome.h"

namespace tcpwatch::workload {

struct ServeOptions {
  Family family = Family::v4;
  std::size_t connections = 10;
  bool epoll = false;  // non-blocking listener, accept until EAGAIN; else a blocking accept
  AcceptOptions accept;
  Exchange exchange;
};

Outcome serve(const Netns& netns, const ServeOptions& options = {});

struct SharedOptions {
  Family family = Family::v4;
  // How many each worker takes, blocked in accept4 between. Uneven, so that a count credited to
  // the wrong one shows.
  std::vector<std::size_t> shares = {1, 2, 3};
  Exchange exchange;
};

// The master listens, forks the workers and accepts nothing.
Outcome fork_shared_listener(const Netns& netns, const SharedOptions& options = {});

struct GroupOptions {
  Family family = Family::v4;
  std::size_t workers = 3;
  std::size_t connections = 30;  // the kernel spreads them by a hash
};

// One byte each way, the client closes first. fact "port".
Outcome reuseport_group(const Netns& netns, const GroupOptions& options = {});

}  // namespace tcpwatch::workload
