// SPDX-License-Identifier: Apache-2.0
//
// What doctor says of real incidents: the captures of tests/data (tests/scenarios/captures.py made
// them), as a user has them judged.
#include <gtest/gtest.h>

#include "cli_call.h"
#include "view_golden.h"

#ifndef TCPWATCH_DATA_DIR
#define TCPWATCH_DATA_DIR "tests/data"
#endif

namespace tcpwatch::test {
namespace {

struct Judged {
  std::string name;
  int code;  // 1: warning, 2: critical
};

void PrintTo(const Judged& judged, std::ostream* out) { *out << judged.name; }

class RecordedIncident : public testing::TestWithParam<Judged> {};

TEST_P(RecordedIncident, IsNamedByDoctor) {
  const Judged& judged = GetParam();
  const Answer answer = call(
      {"doctor", "--no-color", "--replay", TCPWATCH_DATA_DIR "/incident-" + judged.name + ".tcpw"});
  EXPECT_EQ(answer.code, judged.code) << answer.err;
  expect_golden("doctor_recorded_" + judged.name + ".txt", answer.out);
}

INSTANTIATE_TEST_SUITE_P(Incidents, RecordedIncident,
                         testing::Values(Judged{"ports", 2}, Judged{"inflow", 2},
                                         Judged{"slots", 2}, Judged{"steering", 1},
                                         Judged{"leak", 2}, Judged{"starved", 2}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tcpwatch::test
