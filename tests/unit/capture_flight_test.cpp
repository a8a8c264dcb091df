// SPDX-License-Identifier: Apache-2.0
//
// The flight recorder: what came before the dump is in the file, what comes after it too, and
// memory stays within its bounds.
#include "capture/flight_recorder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "capture/replay.h"
#include "model/model.h"
#include "support/temp_dir.h"
#include "unit/capture_stream.h"
#include "unit/model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr FlightLimits kLimits = {.span_ns = 60 * kSecond, .after_ns = 20 * kSecond};

struct Seen {
  std::uint64_t time;
  std::uint64_t connects;
  States states;
  bool operator==(const Seen&) const = default;
};

Seen seen(const Snapshot& snapshot) {
  return {snapshot.realtime_ns, snapshot.delta.connects, snapshot.states};
}

TEST(CaptureFlight, HoldsWhatCameBeforeAndGoesOnAfter) {
  const TempDir dir;
  const std::vector<std::string> paths{dir.path() + "/dump.tcpw"};
  const auto records = mixed(4000, 6);
  FlightRecorder recorder({}, kLimits);
  Model model;
  std::vector<Seen> live;
  std::size_t dumped_at = 0;
  std::uint64_t dump_time = 0;
  records.for_each([&](const Record& record) {
    recorder.on_record(record);
    model.on_record(record);
    const auto* const* tick = std::get_if<const tw_tick*>(&record);
    if (!tick) return;
    live.push_back(seen(*model.snapshot()));
    if (live.size() != 150) return;
    dumped_at = live.size();
    dump_time = (*tick)->header.time;
    ASSERT_TRUE(recorder.dump(paths[0]));
    EXPECT_TRUE(recorder.writing());
  });
  ASSERT_NE(dumped_at, 0u);
  EXPECT_FALSE(recorder.writing()) << "the time after the dump is over";
  EXPECT_TRUE(recorder.result());

  auto set = CaptureSet::open_one(paths);
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->files().front().closed());
  EXPECT_LE(set->first_time(), dump_time - 50 * kSecond);
  EXPECT_GE(set->last_time(), dump_time + kLimits.after_ns);
  Replay source(*set, {});
  Model again;
  std::vector<Seen> replayed;
  while (*source.advance(again)) replayed.push_back(seen(*again.snapshot()));
  ASSERT_GT(replayed.size(), 8u);
  EXPECT_FALSE(std::ranges::search(live, replayed).empty())
      << "the very intervals that were seen live";
}

TEST(CaptureFlight, KeepsWithinItsBytes) {
  FlightLimits limits = kLimits;
  limits.bytes = 40'000;
  FlightRecorder recorder({}, limits);
  mixed(6000, 7).for_each([&](const Record& record) {
    recorder.on_record(record);
    if (std::holds_alternative<const tw_tick*>(record)) {
      EXPECT_LE(recorder.bytes(), limits.bytes);
    }
  });
  EXPECT_GT(recorder.bytes(), limits.bytes / 8);
}

// Stories without end between two ticks.
TEST(CaptureFlight, AFloodBetweenTicksIsBoundedAsWell) {
  FlightLimits limits = kLimits;
  limits.bytes = 200'000;
  FlightRecorder recorder({}, limits);
  closes(100'000, 1).send_to(recorder);
  EXPECT_LE(recorder.bytes(), limits.bytes);
}

TEST(CaptureFlight, AnUnwritablePathIsToldAndTheRecorderGoesOn) {
  FlightRecorder recorder({}, kLimits);
  mixed(500, 8).send_to(recorder);
  const auto dumped = recorder.dump("/nonexistent/dump.tcpw");
  ASSERT_FALSE(dumped);
  EXPECT_EQ(dumped.error().kind, ErrorKind::kInputOutput);
  const TempDir dir;
  EXPECT_TRUE(recorder.dump(dir.path() + "/dump.tcpw"));
  EXPECT_TRUE(recorder.finish());
  EXPECT_TRUE(FileReader::open(dir.path() + "/dump.tcpw"));
}

}  // namespace
}  // namespace tcpwatch::test
