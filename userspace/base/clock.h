// SPDX-License-Identifier: Apache-2.0
//
// The clocks, and how a moment is written. Only app/ and kernel/ may read a clock: everywhere else
// time comes from records, so that a capture replays to the same result. format_rfc3339() is pure
// and for everyone. Nanoseconds, any thread.
#pragma once

#include <cstdint>
#include <string>

namespace tcpwatch {

// CLOCK_MONOTONIC, as bpf_ktime_get_ns() and all records have it.
std::uint64_t monotonic_ns();

// Since 1970-01-01 UTC.
std::uint64_t realtime_ns();

// "2025-11-21T09:38:00.000000001Z"
std::string format_rfc3339(std::uint64_t realtime_ns);

}  // namespace tcpwatch
