// SPDX-License-Identifier: Apache-2.0
//
// Ctrl-C and SIGTERM as a readable descriptor: the run ends in good order, with what was seen.
// The only global state of tcpwatch: signals are taken from the whole process (signalfd).
#pragma once

#include "base/result.h"
#include "base/unique_fd.h"

namespace tcpwatch {

// Blocks SIGINT, SIGTERM and SIGPIPE for this process and threads made later. Call once, early.
Result<UniqueFd> take_stop_signals();

}  // namespace tcpwatch
