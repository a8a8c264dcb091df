// SPDX-License-Identifier: Apache-2.0
//
// Capabilities that are given up once the hooks are attached (libcap-ng). What stays is what later
// intervals need; docs/agent.md says what for.
#pragma once

#include <string>

#include "base/result.h"

namespace tcpwatch {

// Of the calling thread, and of those that it makes from now on; nothing can be gained back by
// executing something.
void give_up_all_capabilities();

// Of the calling thread: keeps those that the tracer goes on to need, of those that there are.
// Names what is left, for the log.
Result<std::string> keep_needed_capabilities();

}  // namespace tcpwatch
