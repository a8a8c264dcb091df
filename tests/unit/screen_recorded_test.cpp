// SPDX-License-Identifier: Apache-2.0
//
// The incidents, as real servers had them: captures of tests/data (tests/scenarios/captures.py made
// them), replayed onto the screen and compared cell by cell at three sizes.
#include <gtest/gtest.h>

#include "capture/replay.h"
#include "model/model.h"
#include "screen_incidents.h"
#include "view_golden.h"

#ifndef TCPWATCH_DATA_DIR
#define TCPWATCH_DATA_DIR "tests/data"
#endif

namespace tcpwatch::test {
namespace {

Recorded recorded(const std::string& name) {
  const std::vector<std::string> paths{std::string(TCPWATCH_DATA_DIR) + "/incident-" + name +
                                       ".tcpw"};
  Recorded seen;
  auto captures = CaptureSet::open_one(paths);
  EXPECT_TRUE(captures) << captures.error().message;
  if (!captures) return seen;
  Replay source(*captures, {});
  Model model;
  while (*source.advance(model)) seen.push_back(model.snapshot());
  // As in ReplayScreen: the milliseconds before the recording ended make no picture.
  if (seen.back()->interval < seen.front()->interval / 10) seen.pop_back();
  return seen;
}

struct Incident {
  std::string name;
  std::u32string view;                // the key of the view that tells most
  std::vector<std::string> findings;  // worse than info, worst first
};

void PrintTo(const Incident& incident, std::ostream* out) { *out << incident.name; }

class RecordedScreen : public testing::TestWithParam<Incident> {};

void expect_frames(const std::string& name, Played& played) {
  for (const auto& [width, height] : {std::pair(80, 24), std::pair(120, 40), std::pair(200, 60)}) {
    played.press(Key{.kind = Key::Kind::kResize,
                     .x = static_cast<std::size_t>(width),
                     .y = static_cast<std::size_t>(height)});
    expect_golden("screen_recorded_" + name + "_" + std::to_string(width) + "x" +
                      std::to_string(height) + ".txt",
                  played.text());
  }
}

TEST_P(RecordedScreen, ShowsTheIncident) {
  const Incident& incident = GetParam();
  const Recorded seen = recorded(incident.name);
  ASSERT_GT(seen.size(), 20u);
  Played played = play(seen);
  played.state.replay =
      "REPLAY " + std::to_string(seen.size()) + " of " + std::to_string(seen.size()) + " paused";
  std::vector<std::string> found;
  for (const FindingLine& line : played.findings)
    if (line.severity != Severity::kInfo) found.push_back(line.id);
  EXPECT_EQ(found, incident.findings);
  expect_frames(incident.name, played);
  played.type(incident.view);
  expect_frames(incident.name + "_view", played);
  played.type(U"5");
  expect_frames(incident.name + "_findings", played);
  played.press(Key::Kind::kEnter);
  expect_golden("screen_recorded_" + incident.name + "_finding_200x60.txt", played.text());
}

INSTANTIATE_TEST_SUITE_P(
    Incidents, RecordedScreen,
    testing::Values(
        Incident{
            "ports", U"3", {"accept-queue-overflow", "ephemeral-port-exhaustion", "slow-upstream"}},
        Incident{"inflow",
                 U"3",
                 {"connection-inflow", "connection-inflow", "fd-exhaustion", "fd-exhaustion",
                  "slow-upstream", "slow-upstream"}},
        Incident{"slots", U"2", {"nginx-slots-exhausted"}},
        Incident{"steering", U"2", {"accept-imbalance", "cpu-steering"}},
        Incident{"leak", U"4", {"syn-flood", "close-wait-leak"}},
        Incident{"starved", U"2", {"accept-queue-overflow"}}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tcpwatch::test
