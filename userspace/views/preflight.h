// SPDX-License-Identifier: Apache-2.0
//
// `doctor --preflight`: one line per check, worst first; or one JSON object, schema
// tcpwatch.preflight/1. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diagnosis/preflight.h"
#include "views/palette.h"

namespace tcpwatch {

std::string preflight_text(const std::vector<Check>& checks, Palette palette);
std::string preflight_json(const std::vector<Check>& checks, std::uint64_t realtime_ns);

}  // namespace tcpwatch
