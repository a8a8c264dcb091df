// SPDX-License-Identifier: Apache-2.0
//
// From captures to what `report` tells of them: one ReportData per host, in one pass through the
// counters; for the HTML page a second one, when it is known which rows matter.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/replay_options.h"
#include "diagnosis/thresholds.h"
#include "views/report.h"

namespace tcpwatch {

struct ReportWish {
  ReplayOptions window;    // its files are not looked at
  std::size_t cells = 76;  // of the time line
  bool plots = false;
  Thresholds limits;
};

// One per host, side by side.
Result<std::vector<ReportData>> read_reports(const std::vector<std::string>& files,
                                             const ReportWish& wish);

}  // namespace tcpwatch
