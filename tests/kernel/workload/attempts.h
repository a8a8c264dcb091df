// SPDX-License-Identifier: Apache-2.0
//
// Shared by the failing_*.cpp files: several attempts at one destination, until each has its
// outcome.
#pragma once

#include "kernel/workload/failing.h"

namespace tcpwatch::workload {

void attempt_all(Actor& actor, const Address& target, const FailOptions& options,
                 const ConnectOptions& connect = {});

}  // namespace tcpwatch::workload
