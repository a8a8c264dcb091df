// SPDX-License-Identifier: Apache-2.0
//
// All that can be on the screen, whatever the user has chosen: refers to what its owner keeps.
#pragma once

#include <span>

#include "model/snapshot.h"
#include "views/screen/finding_line.h"
#include "views/screen/history.h"

namespace tcpwatch {

struct Scene {
  const Snapshot& snapshot;
  const History& history;
  std::span<const FindingLine> findings = {};  // worst first
};

}  // namespace tcpwatch
