// SPDX-License-Identifier: Apache-2.0
//
// The usual process_* figures of the agent itself, from /proc/self.
#pragma once

#include "views/metrics/metrics.h"

namespace tcpwatch {

AgentFacts::Process read_own_process();

}  // namespace tcpwatch
