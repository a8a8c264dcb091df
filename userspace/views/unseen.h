// SPDX-License-Identifier: Apache-2.0
//
// What doctor could not see: signals without a hook, what its findings had to do without, and
// processes whose descriptors may not be read. Nothing is guessed in silence. Pure.
#pragma once

#include <string>
#include <vector>

#include "diagnosis/finding.h"
#include "model/snapshot.h"

namespace tcpwatch {

// One phrase each, the most telling first.
std::vector<std::string> unseen_of(const Snapshot& snapshot, const Findings& findings);

}  // namespace tcpwatch
