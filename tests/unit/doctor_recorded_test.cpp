// SPDX-License-Identifier: Apache-2.0
//
// What doctor and report say of real incidents: the captures of tests/data
// (tests/scenarios/captures.py made them), as a user has them judged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli_call.h"
#include "json_names.h"
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

TEST_P(RecordedIncident, IsOnePageOfAReport) {
  const Answer answer =
      call({"report", "--no-color", TCPWATCH_DATA_DIR "/incident-" + GetParam().name + ".tcpw"});
  EXPECT_EQ(answer.code, 0) << answer.err;
  expect_golden("report_recorded_" + GetParam().name + ".txt", answer.out);
}

TEST_P(RecordedIncident, HasEachNameOnceInAnObjectOfJson) {
  const std::string file = TCPWATCH_DATA_DIR "/incident-" + GetParam().name + ".tcpw";
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"top", "--batch", "--json", "--replay", file},
        {"doctor", "--json", "--replay", file},
        {"trace", "--json", "--replay", file},
        {"sockets", "--json", "--by", "process", "--replay", file},
        {"sockets", "--json", "--by", "destination", "--replay", file},
        {"report", "--json", file},
        {"report", "--json", "--compare", file, file},
        {"export", "--format", "perfetto", file},
        {"export", file}}) {
    const std::string text = call(words).out;
    if (words[0] == "export" && words.size() > 2) {  // one object in many lines
      EXPECT_THAT(names_twice(text), testing::IsEmpty()) << words[0];
      continue;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_THAT(names_twice(line), testing::IsEmpty()) << words[0];
  }
}

INSTANTIATE_TEST_SUITE_P(Incidents, RecordedIncident,
                         testing::Values(Judged{"ports", 2}, Judged{"inflow", 2},
                                         Judged{"slots", 2}, Judged{"steering", 1},
                                         Judged{"leak", 2}, Judged{"starved", 2}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tcpwatch::test
