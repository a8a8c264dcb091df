// SPDX-License-Identifier: Apache-2.0
//
// A finding as the screen shows it: its texts in one line each, and whom it speaks of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diagnosis/finding.h"

namespace tcpwatch {

struct FindingLine {
  using Severity = tcpwatch::Severity;
  Severity severity = Severity::kInfo;
  std::string id;
  std::string summary;
  std::string subject;
  std::string evidence;
  std::string next_step;
  std::string because;  // the chain of causes, by id
  // What is at the end of that chain, in a sentence, and its next step; empty, and the own one,
  // where nothing explains it.
  std::string root;
  std::string advice;
  std::string do_not;
  double confidence = 1;
  double lasted = 0;  // seconds
  Subject about;
  std::vector<std::uint32_t> pids;  // all that are concerned
};

// In the same order: worst first.
std::vector<FindingLine> finding_lines(const Findings& findings);

}  // namespace tcpwatch
