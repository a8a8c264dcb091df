// SPDX-License-Identifier: Apache-2.0
//
// Many short loopback connections, fast: one byte each way, the client closes first. Each pair is
// a server process and a client process, "server 0", "client 0", …; pairs run at the same time.
#pragma once

#include "kernel/workload/outcome.h"

namespace tcpwatch::workload {

struct ChurnOptions {
  Family family = Family::v4;
  std::size_t connections = 100'000;  // in all
  std::size_t concurrency = 32;       // open at the same time, per pair
  std::size_t pairs = 1;
  // Each client goes from this many addresses in turn (127.0.1.1 …; for IPv6 2001:db8:c::1 …), so
  // that TIME_WAIT does not use up the ports. 0: one for each 10,000 connections; 1: no bind().
  std::size_t sources = 0;
  // Servers and clients on different CPUs; else all on the namespace's, which is exact, about as
  // fast (no wake-ups across CPUs) and far faster on a busy machine.
  bool spread = false;
};

// Starts the processes and connects nothing yet; run() does, and returns when all is closed.
// fact "ns": from the first connect to the last close. A kernel whose TIME_WAIT table is smaller
// counts what did not fit as TCPTimeWaitOverflow.
class Churn {
 public:
  explicit Churn(const Netns& netns, const ChurnOptions& options = {});
  void run();

  Outcome outcome;
};

}  // namespace tcpwatch::workload
