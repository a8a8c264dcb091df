// SPDX-License-Identifier: Apache-2.0
//
// A thread beside the tracing one, for what may take its time (a collector, a status page): without
// signals and capabilities, and at a lower priority.
#pragma once

#include <functional>
#include <thread>

namespace tcpwatch {

std::thread start_quiet_thread(std::function<void()> body);

}  // namespace tcpwatch
