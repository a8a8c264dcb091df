// SPDX-License-Identifier: Apache-2.0
//
// Moments of a capture as people name them. Nanoseconds since 1970; pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tcpwatch {

// `begin` and `end` are the capture's. See window_of() for what is understood.
Result<std::uint64_t> parse_moment(const std::string& text, std::uint64_t begin, std::uint64_t end);

}  // namespace tcpwatch
