// SPDX-License-Identifier: Apache-2.0
//
// Numbers for people, in few columns and three digits or so. Machines get the numbers themselves.
// What is no number (NaN, infinite) prints as "-". Pure functions, no locale.
#pragma once

#include <cstdint>
#include <string>

namespace tcpwatch {

std::string format_count(double count);       // 0, 999, 12.3k, 1.5M, 149M
std::string format_bytes(double bytes);       // 0B, 999B, 1.5KiB, 12.3MiB
std::string format_rate(double per_second);   // 0/s, 0.25/s, 2.5/s, 12.3k/s
std::string format_seconds(double seconds);   // 0s, 250ns, 17.6ms, 1.5s, 2m05s, 1h02m, 3d04h, 120d
std::string format_percent(double fraction);  // 0%, 0.5%, 99.9%, 100%

}  // namespace tcpwatch
