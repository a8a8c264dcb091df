// SPDX-License-Identifier: Apache-2.0
//
// A drill with doctor looking on: is the finding that it makes the root cause, and does every
// critical finding lead to it? For `drill --check` and for the tests. One thread, and no others
// when it begins: the stages are processes.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "base/result.h"
#include "diagnosis/finding.h"
#include "drill/stage.h"
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

class Rehearsal {
 public:
  // What shows only after a while begins now, and is played while others are checked.
  static Result<Rehearsal> open(std::span<const Scenario> wanted);

  // Looks until the verdict is right for a second, at most for `most` after it can be seen.
  Result<Rehearsed> check(const Scenario& scenario, std::chrono::seconds most,
                          const std::set<std::string>& denied);

 private:
  Result<std::unique_ptr<Stage>> stage_of(const Scenario& scenario);

  std::map<std::string_view, std::unique_ptr<Stage>> begun_;
};

}  // namespace tcpwatch
