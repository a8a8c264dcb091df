// SPDX-License-Identifier: Apache-2.0
//
// Runs the iterator over all open files: at start, for sockets that existed before us; later, for
// accepted sockets whose worker no hook has told. Bounded: the next sweep waits at least two
// hundred times as long as the last one took (half a percent of one core).
#pragma once

#include <cstdint>
#include <optional>

#include "kernel/bpf_objects.h"

namespace tcpwatch {

class Sweeper {
 public:
  explicit Sweeper(const BpfObjects& objects) : objects_(objects) {}

  // Both passes: listeners, then connections.
  void sweep_all(std::uint64_t now);
  // Connections only, if it is time again.
  void sweep_if_due(std::uint64_t now);

 private:
  void run_pass(std::uint32_t pass);

  const BpfObjects& objects_;
  std::uint64_t next_ns_ = 0;
};

}  // namespace tcpwatch
