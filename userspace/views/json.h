// SPDX-License-Identifier: Apache-2.0
//
// `top --batch --json`: one object per interval on one line, schema tcpwatch.view/1.
// Counters are the increments of the interval, durations are seconds. What is unavailable on this
// kernel, or not measured yet, is null. Pure.
#pragma once

#include <string>

#include "diagnosis/finding.h"
#include "model/snapshot.h"

namespace tcpwatch {

// Without a newline at the end.
std::string view_json(const Snapshot& snapshot, const Findings& findings = {});

}  // namespace tcpwatch
