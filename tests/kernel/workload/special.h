// SPDX-License-Identifier: Apache-2.0
//
// Scenarios in which the kernel takes another way to an ordinary connection: Multipath TCP and
// TCP Fast Open. Roles "server", "client"; one byte each way, the client closes first.
#pragma once

#include "kernel/workload/outcome.h"
#include "kernel/workload/roles.h"

namespace tcpwatch::workload {

struct SpecialOptions {
  Family family = Family::v4;
  std::size_t connections = 4;
};

// Each MPTCP connection has one TCP subflow; the kernel closes it from a worker of its own.
// `unavailable` where the kernel has no MPTCP or it is off.
Outcome mptcp(const Netns& netns, const SpecialOptions& options = {});

// The first connection asks for the cookie and makes an ordinary handshake; each later one carries
// its byte in the SYN, and its child is in the accept queue before the handshake is over.
Outcome fast_open(const Netns& netns, const SpecialOptions& options = {});

}  // namespace tcpwatch::workload
