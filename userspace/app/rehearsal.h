// SPDX-License-Identifier: Apache-2.0
//
// A drill with doctor looking on: is the finding that it makes the root cause, and does every
// critical finding lead to it? For `drill --check` and for the tests. One thread.
#pragma once

#include <chrono>
#include <set>
#include <string>

#include "base/result.h"
#include "diagnosis/finding.h"
#include "drill/scenario.h"
#include "model/snapshot.h"

namespace tcpwatch {

struct Rehearsed {
  bool right = false;
  std::string wrong;  // why not
  double seconds = 0;
  Findings findings;
  Snapshot snapshot;
};

// What is wrong with these findings for the drill of that name; empty: nothing.
std::string what_is_wrong(const Findings& findings, std::string_view expected);

// Looks until the verdict is right for a second, at most for `most`.
Result<Rehearsed> rehearse(const Scenario& scenario, std::chrono::seconds most,
                           const std::set<std::string>& denied);

}  // namespace tcpwatch
