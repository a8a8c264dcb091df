// SPDX-License-Identifier: Apache-2.0
//
// What `tcpwatch doctor` says: verdict, chain of causes, evidence with its source, the one safe
// next step. As text in at most ten lines, or as one JSON object, schema tcpwatch.doctor/1. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "diagnosis/finding.h"
#include "model/snapshot.h"
#include "views/palette.h"

namespace tcpwatch {

struct DoctorView {
  const Snapshot& snapshot;  // the last one: time, host, coverage
  const Findings& findings;  // worst first
  double seconds = 0;        // looked for so long
};

inline constexpr std::size_t kDoctorLines = 10;

// Ends in a newline. Lines are as long as they are: what is cut cannot be copied.
std::string doctor_text(const DoctorView& view, Palette palette);
// Without a newline at the end.
std::string doctor_json(const DoctorView& view);

}  // namespace tcpwatch
