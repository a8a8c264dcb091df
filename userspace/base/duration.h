// SPDX-License-Identifier: Apache-2.0
//
// Durations of the command line and the configuration: `500ms`, `10s`, `5m`, `1h`, `1.5s`; the
// units are ns, us, ms, s, m, h, d. A number without unit is an error, never a guess.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

// Zero is a duration; callers that need more say so themselves. At most 292 years.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

// Reads back to the same value: "1500ms", "10s", "0s".
std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace tcpwatch
