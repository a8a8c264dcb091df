// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <sstream>

#include "base/text.h"
#include "view_golden.h"
#include "view_snapshots.h"
#include "views/batch_text.h"

namespace tcpwatch::test {
namespace {

TEST(ViewBatch, Healthy) {
  expect_golden("batch_healthy_80.txt", batch_text(healthy_snapshot(), {}));
  expect_golden("batch_healthy_120.txt", batch_text(healthy_snapshot(), {.width = 120}));
}

TEST(ViewBatch, Incident) {
  expect_golden("batch_incident_80.txt", batch_text(incident_snapshot(), {}));
  expect_golden("batch_incident_120.txt", batch_text(incident_snapshot(), {.width = 120}));
  expect_golden("batch_incident_200.txt", batch_text(incident_snapshot(), {.width = 200}));
}

TEST(ViewBatch, IncidentInColour) {
  expect_golden("batch_incident_80_ansi.txt",
                batch_text(incident_snapshot(), {.palette = Palette::kAnsi}));
}

TEST(ViewBatch, Hostile) {
  expect_golden("batch_hostile_80.txt", batch_text(hostile_snapshot(), {}));
  expect_golden("batch_hostile_200.txt", batch_text(hostile_snapshot(), {.width = 200}));
}

TEST(ViewBatch, Empty) {
  expect_golden("batch_empty_80.txt", batch_text(empty_snapshot(), {}));
  EXPECT_FALSE(batch_text(Snapshot{}, {}).empty()) << "before the first record";
}

TEST(ViewBatch, SaysHowManyRowsThereAre) {
  const std::string text = batch_text(incident_snapshot(), {.rows = 2});
  EXPECT_NE(text.find("WORKERS  2 of 4, worst first; 1 idle\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("1203"), std::string::npos);
  EXPECT_NE(batch_text(incident_snapshot(), {.rows = 0}).find("1203"), std::string::npos);
}

// Every line, of every snapshot, at every width.
TEST(ViewBatch, NoLineIsWiderThanAskedOrEndsInSpaces) {
  for (const Snapshot& snapshot :
       {empty_snapshot(), healthy_snapshot(), incident_snapshot(), hostile_snapshot()}) {
    for (std::size_t width = 20; width <= 240; width += 3) {
      std::istringstream lines(batch_text(snapshot, {.width = width}));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), width) << line;
        EXPECT_EQ(line, sanitize(line));
        EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
      }
    }
  }
}

TEST(ViewBatch, ColoursAddNothingButColour) {
  std::string painted = batch_text(incident_snapshot(), {.palette = Palette::kAnsi});
  for (std::size_t at; (at = painted.find('\x1b')) != std::string::npos;)
    painted.erase(at, painted.find('m', at) - at + 1);
  EXPECT_EQ(painted, batch_text(incident_snapshot(), {}));
}

TEST(ViewBatch, MarksWhatIsNotExact) {
  const std::string text = batch_text(incident_snapshot(), {});
  EXPECT_NE(text.find("~1.7k/s dropped (syn ~1.5k/s, ack 211/s)"), std::string::npos) << text;
  Snapshot blind = healthy_snapshot();
  for (HookChoice& row : blind.hooks)
    if (row.signal == "overflow_syn" || row.signal == "accepts") row.chosen = false;
  const std::string without = batch_text(blind, {});
  EXPECT_NE(without.find("- dropped"), std::string::npos) << without;
  EXPECT_NE(without.find("overflow_syn unavailable"), std::string::npos);
}

}  // namespace
}  // namespace tcpwatch::test
