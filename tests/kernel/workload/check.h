// SPDX-License-Identifier: Apache-2.0
//
// Shared by the check_*.cpp files: the workload's own tests, without any tracer. They hold what
// the processes counted against the kernel's books, so that a tracer's test need not ask which of
// the two was wrong. All suites are called Workload….
#pragma once

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <ostream>
#include <string>

#include "kernel/workload/outcome.h"

namespace tcpwatch::workload {

inline void PrintTo(Family family, std::ostream* out) { *out << name_of(family); }

class OverFamilies : public testing::TestWithParam<Family> {
 protected:
  Netns netns;
};

inline std::string family_label(const testing::TestParamInfo<Family>& info) {
  return name_of(info.param);
}

// What went on, for a failure's message.
inline std::string story(const Outcome& outcome) {
  return "kernel: " + outcome.delta.changed() + "; sockets: " + outcome.netns->sockets().text();
}

using Failures = std::map<std::string, std::uint64_t>;

}  // namespace tcpwatch::workload
