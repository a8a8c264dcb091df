// SPDX-License-Identifier: Apache-2.0
//
// Which signals a finding rests on: where one of them is estimated or not watched, the finding is
// less sure, and says why. One table for all rules, so that none forgets it.
#pragma once

#include <span>
#include <string_view>

namespace tcpwatch {

// Empty: it rests on none (counters of the kernel, files of /proc).
std::span<const std::string_view> signals_of_finding(std::string_view id);

}  // namespace tcpwatch
