// SPDX-License-Identifier: Apache-2.0
//
// From the monotonic times of records to the wall clock, by the latest host record. Pure.
#pragma once

#include <cstdint>

#include "tcpwatch/abi.h"

namespace tcpwatch {

class WallClock {
 public:
  WallClock() = default;
  explicit WallClock(const tw_host& host) : offset_(host.realtime_ns - host.header.time) {}

  // Since 1970-01-01 UTC.
  std::uint64_t at(std::uint64_t monotonic_ns) const { return offset_ + monotonic_ns; }

 private:
  std::uint64_t offset_ = 0;  // wraps well where it is negative
};

}  // namespace tcpwatch
