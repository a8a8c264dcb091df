// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "view_golden.h"
#include "view_snapshots.h"
#include "views/probe.h"

namespace tcpwatch::test {
namespace {

const std::vector<ProgramCost> kCosts = {{"state_tp_btf", 1'250'000, 108'750'000},
                                         {"accept_getpeername4", 125'000, 15'125'000},
                                         {"read_listeners", 0, 0}};

Snapshot lossy_snapshot() {
  Snapshot snapshot = incident_snapshot();
  snapshot.lost_total = {.events = 12, .folded = 1, .untracked = 3};
  return snapshot;
}

TEST(ViewProbe, Text) {
  expect_golden("probe_healthy_80.txt", probe_text(healthy_snapshot(), kCosts, {}));
  expect_golden("probe_locked_80.txt", probe_text(lossy_snapshot(), {}, {}));
  expect_golden("probe_locked_120_ansi.txt",
                probe_text(lossy_snapshot(), kCosts, {.width = 120, .palette = Palette::kAnsi}));
  expect_golden("probe_hostile_80.txt", probe_text(hostile_snapshot(), {{"p\x1b\xff", 1, 1}}, {}));
  expect_golden("probe_empty_80.txt", probe_text(empty_snapshot(), {}, {}));
}

TEST(ViewProbe, Json) {
  for (const Snapshot& snapshot : {empty_snapshot(), hostile_snapshot(), lossy_snapshot()}) {
    const std::string line = probe_json(snapshot, kCosts);
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    EXPECT_EQ(line, sanitize(line)) << "one line";
  }
  const auto json = nlohmann::ordered_json::parse(probe_json(lossy_snapshot(), kCosts));
  expect_golden("probe_locked.json", json.dump(1) + "\n");
}

}  // namespace
}  // namespace tcpwatch::test
