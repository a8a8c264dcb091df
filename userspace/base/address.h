// SPDX-License-Identifier: Apache-2.0
//
// Endpoints as people write them: `10.0.0.5:6379`, `[2001:db8::1]:443`, wildcards `0.0.0.0:80` and
// `[::]:80`. A v4-mapped address prints, and is read, as IPv4. Pure functions; ports in host order.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

std::string format_endpoint(const tw_endpoint& endpoint);
// The address alone: `10.0.0.5`, `2001:db8::1`.
std::string format_address(const tw_endpoint& endpoint);

// What format_endpoint() wrote, and other spellings of the same address. The namespace stays 0.
Result<tw_endpoint> parse_endpoint(std::string_view text);

bool is_ipv4(const tw_endpoint& endpoint);
// 0.0.0.0 or ::, whatever the port.
bool is_wildcard(const tw_endpoint& endpoint);
bool is_loopback(const tw_endpoint& endpoint);

}  // namespace tcpwatch
