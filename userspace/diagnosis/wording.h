// SPDX-License-Identifier: Apache-2.0
//
// How rules name people and numbers: "nginx 1201 +3", "214/s". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/chart.h"
#include "diagnosis/finding.h"

namespace tcpwatch {

// "nginx 1201 +3"; the name is the first one's.
std::string name_of(const Chart& chart, const std::vector<std::uint32_t>& pids);
std::string name_of(const Worker& worker);
// "214/s" of so many in so many seconds.
std::string rate_of(double count, double seconds);
double per_second_of(double count, double seconds);

Evidence counted(std::string name, double value, std::string source);
Evidence rate(std::string name, double value, std::string source);
Evidence seconds_taken(std::string name, double value, std::string source);
Evidence share(std::string name, double value, std::string source);

}  // namespace tcpwatch
