// SPDX-License-Identifier: Apache-2.0
//
// Whose room is short, by what was found so far: what would be no trouble elsewhere is one there.
#pragma once

#include <cstdint>

#include "diagnosis/finding.h"

namespace tcpwatch {

bool lacks_room(const Findings& findings, std::uint32_t pid);

}  // namespace tcpwatch
