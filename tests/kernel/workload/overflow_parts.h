// SPDX-License-Identifier: Apache-2.0
//
// Shared by the overflow_*.cpp files: processes that listen and never accept, and the pause in
// which retransmissions are dropped too.
#pragma once

#include "kernel/workload/roles.h"

namespace tcpwatch::workload {

// "server 0", … ; a group of SO_REUSEPORT listeners if more than one. Hands back the port.
std::uint16_t add_idle_listeners(Outcome& outcome, Family family, std::size_t number,
                                 ListenOptions options);
// Ends them: what is in their queues is reset. Then settles the outcome.
void close_idle_listeners(Outcome& outcome);

void hold(int milliseconds);

}  // namespace tcpwatch::workload
