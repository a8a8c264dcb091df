// SPDX-License-Identifier: Apache-2.0
//
// tw_worker, the identity of a process: pid and start time, so that a reused pid is somebody else.
#pragma once

#include <cstdint>

#include "tcpwatch/abi.h"

namespace tcpwatch {

constexpr tw_worker make_worker(std::uint32_t pid, std::uint64_t start_ticks) {
  return tw_worker{pid} << 32 | static_cast<std::uint32_t>(start_ticks);
}
constexpr std::uint32_t worker_pid(tw_worker worker) {
  return static_cast<std::uint32_t>(worker >> 32);
}
constexpr std::uint32_t worker_start_ticks(tw_worker worker) {
  return static_cast<std::uint32_t>(worker);
}

}  // namespace tcpwatch
