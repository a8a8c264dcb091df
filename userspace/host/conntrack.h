// SPDX-License-Identifier: Apache-2.0
//
// Connection tracking of one network namespace, as its folder of /proc/PID/net tells. The kernel
// has it or not (a module), and a namespace uses it only where a rule asks for it.
#pragma once

#include <string>
#include <string_view>

#include "tcpwatch/abi.h"

namespace tcpwatch {

// Adds up the lines of stat/nf_conntrack, one a CPU, in hexadecimal; columns are found by name.
// Fills all but max. False: that is not what the text is. Pure.
bool parse_conntrack(std::string_view text, tw_conntrack& record);

// `net` is a folder such as /proc/1/net. False: nothing is tracked there.
bool read_conntrack(const std::string& net, std::string& buffer, tw_conntrack& record);

}  // namespace tcpwatch
