// SPDX-License-Identifier: Apache-2.0
//
// The five figures that say how the whole machine does, with what they are worth on this kernel:
// the header of batch text and of the screen, and the screen's history. Per second; pure.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "views/coverage.h"
#include "views/palette.h"

namespace tcpwatch {

enum class TotalName { kAccepted, kClosed, kConnects, kFailures, kDrops };
inline constexpr std::size_t kTotals = 5;

struct Total {
  double per_second = 0;
  Quality quality = Quality::kExact;
};

using Totals = std::array<Total, kTotals>;  // by TotalName

Totals totals_of(const Snapshot& snapshot, const Coverage& coverage);

// Of all drops at the SYN: counters that are read now and then leave some listeners' open.
Quality syn_drop_quality(const Snapshot& snapshot, const Coverage& coverage);

// What is to be known of the last look through the socket table; empty: it is recent and whole.
std::string sample_text(const Snapshot& snapshot);

// Where the exact hook is missing other signals still tell most.
Quality at_least_estimated(Quality quality);

}  // namespace tcpwatch
