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

// The command, so that it acts where the subject is: a namespace other than the host's has sockets,
// routes and settings of its own.
std::string within(const Chart& chart, const Subject& who, std::string_view command);

// The command that doubles a process's limit of descriptors, or makes it usual where it is 0: not
// known. The soft limit may not exceed the hard one, and servers set both to the same.
std::string raise_descriptors(std::uint32_t pid, std::uint64_t limit);

// An address by which every namespace calls itself: "127.0.0.1:80", "[::1]:80".
bool is_loopback(std::string_view address);

Evidence counted(std::string name, double value, std::string source);
Evidence rate(std::string name, double value, std::string source);
Evidence seconds_taken(std::string name, double value, std::string source);
Evidence share(std::string name, double value, std::string source);

}  // namespace tcpwatch
