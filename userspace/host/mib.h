// SPDX-License-Identifier: Apache-2.0
//
// Parsers of the kernel's counter files: /proc/net/snmp and netstat (a line of names, then a line
// of values, both with the same prefix), and sockstat (names and values on one line). Columns are
// found by name, so kernels may add, drop or reorder them. Pure functions.
#pragma once

#include <string_view>

#include "tcpwatch/abi.h"

namespace tcpwatch {

// Fills the counters that tw_netns has. False: none of them was in `text`. Both for snmp and
// netstat; what is missing stays as it was.
bool parse_mib(std::string_view text, tw_netns& netns);

// Fills time_wait.
bool parse_sockstat(std::string_view text, tw_netns& netns);

}  // namespace tcpwatch
