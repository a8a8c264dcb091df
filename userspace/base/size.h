// SPDX-License-Identifier: Apache-2.0
//
// Sizes of the command line and the configuration: `65536`, `512K`, `100M`, `2G`, also `100MiB`; a
// K is 1024. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace tcpwatch {

Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace tcpwatch
