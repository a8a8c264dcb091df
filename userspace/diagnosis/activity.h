// SPDX-License-Identifier: Apache-2.0
//
// What one process is doing, as /proc tells at a moment: scheduler state and the kernel function
// it waits in. Read by app/ for the few processes that a rule asks about, and handed to the judge.
#pragma once

#include <cstdint>
#include <string>

#include "diagnosis/track.h"

namespace tcpwatch {

struct Activity {
  char state = '?';          // R, S, D, T, t, Z as in /proc/PID/stat; ?: could not be read
  std::string wait_channel;  // empty: running, or not permitted to know
  double cpu_seconds = -1;   // used so far, all threads; below 0: not known
  std::uint32_t parent = 0;  // the process that was asked about; 0: this is that process
};

struct ActivitySample : Look {
  char state = '?';
  std::string wait_channel;
  double cpu_seconds = -1;
};

}  // namespace tcpwatch
