// SPDX-License-Identifier: Apache-2.0
//
// The kernel's run statistics of BPF programs (time and number of runs), on while this lives. They
// add some 20 ns to each run of every program on the machine, so only `probe` and `bench` ask.
#pragma once

#include "base/unique_fd.h"

namespace tcpwatch {

// Invalid where the kernel cannot (before 5.8) or may not; then costs read as no runs.
UniqueFd enable_run_statistics();

}  // namespace tcpwatch
