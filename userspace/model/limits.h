// SPDX-License-Identifier: Apache-2.0
//
// How large the model's tables may grow, and how long a row stays that nothing refers to. What
// finds no room is folded (into Snapshot::unowned) and counted in Loss::folded. Captures are
// foreign bytes: the caps hold for any stream of records.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcpwatch {

struct ModelLimits {
  std::size_t flow_slots = 65536;  // slot numbers from here on are folded
  std::size_t listener_slots = 16384;
  std::size_t workers = 4096;
  std::size_t destinations = 65536;
  std::size_t routes = 65536;
  std::size_t namespaces = 1024;
  std::size_t servers = 64;       // that tell of themselves
  std::size_t activities = 8192;  // of one interval
  std::size_t hooks = 256;
  std::uint64_t grace_ns = 60'000'000'000;  // record time
};

}  // namespace tcpwatch
