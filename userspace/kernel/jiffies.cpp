// SPDX-License-Identifier: Apache-2.0
#include "kernel/jiffies.h"

#include <time.h>

#include <cmath>

namespace tcpwatch {

double jiffies_per_second() {
  timespec tick{0, 4'000'000};  // coarse clocks move once a tick
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
  return std::round(1e9 / static_cast<double>(tick.tv_sec * 1'000'000'000 + tick.tv_nsec));
}

}  // namespace tcpwatch
