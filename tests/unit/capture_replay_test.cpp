// SPDX-License-Identifier: Apache-2.0
//
// The law: a capture replayed gives the very snapshots that were seen live. Windows begin at a
// state and give the same intervals; parts join; what was lost in between is caught up with.
#include "capture/replay.h"

#include <gtest/gtest.h>

#include "capture/background_writer.h"
#include "events/make.h"
#include "model/model.h"
#include "support/random.h"
#include "support/temp_dir.h"
#include "unit/capture_stream.h"
#include "unit/model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr WriterLimits kSmall = {
    .block_bytes = 65536, .block_ns = 2 * kSecond, .state_ns = 10 * kSecond};

std::vector<std::shared_ptr<const Snapshot>> live(const RecordBatch& records) {
  std::vector<std::shared_ptr<const Snapshot>> seen;
  Model model;
  records.for_each([&](const Record& record) {
    model.on_record(record);
    if (std::holds_alternative<const tw_tick*>(record)) seen.push_back(model.snapshot());
  });
  return seen;
}

std::vector<std::shared_ptr<const Snapshot>> replayed(std::span<const std::string> paths,
                                                      const Window& window = {},
                                                      Kinds kinds = Kinds::all()) {
  std::vector<std::shared_ptr<const Snapshot>> seen;
  auto set = CaptureSet::open_one(paths);
  if (!set) return seen;
  Replay source(*set, window, kinds);
  Model model;
  while (*source.advance(model)) seen.push_back(model.snapshot());
  return seen;
}

void expect_equal(std::span<const std::shared_ptr<const Snapshot>> a,
                  std::span<const std::shared_ptr<const Snapshot>> b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_EQ(dump(*a[i]), dump(*b[i])) << "tick " << i;
}

std::uint64_t connects_of(std::span<const std::shared_ptr<const Snapshot>> seen) {
  std::uint64_t sum = 0;
  for (const auto& snapshot : seen) sum += snapshot->delta.connects;
  return sum;
}

TEST(CaptureReplay, GivesTheSnapshotsThatWereSeenLive) {
  Random random;
  for (int round = 0; round < 5; ++round) {
    const TempDir dir;
    const auto records = mixed(1500, static_cast<std::uint32_t>(random.number(0, 1u << 30)));
    const auto seen = live(records);
    ASSERT_GT(seen.size(), 20u);
    const auto paths = write_capture(dir.path() + "/a.tcpw", records, kSmall);
    expect_equal(seen, replayed(paths));
    expect_equal(seen, replayed(paths, {}, Kinds::counters()));
  }
}

TEST(CaptureReplay, JoinsNumberedPartsInAnyOrder) {
  const TempDir dir;
  const auto records = mixed(1500, 4);
  WriterLimits limits = kSmall;
  limits.max_age_ns = 15 * kSecond;
  auto paths = write_capture(dir.path() + "/a.tcpw", records, limits);
  ASSERT_GT(paths.size(), 3u);
  std::ranges::reverse(paths);
  expect_equal(live(records), replayed(paths));
}

// Each part can be read alone: it begins with a state.
TEST(CaptureReplay, APartAloneHasTheSameIntervals) {
  const TempDir dir;
  const auto records = mixed(1500, 4);
  WriterLimits limits = kSmall;
  limits.max_age_ns = 15 * kSecond;
  const auto paths = write_capture(dir.path() + "/a.tcpw", records, limits);
  const auto all = live(records);
  std::uint64_t sum = 0;
  std::size_t ticks = 0;
  for (const std::string& path : paths) {
    const auto part = replayed(std::span(&path, 1));
    ASSERT_FALSE(part.empty());
    for (const auto& snapshot : part) {
      EXPECT_DOUBLE_EQ(snapshot->interval, all[ticks]->interval);
      EXPECT_EQ(snapshot->delta.connects, all[ticks]->delta.connects) << "tick " << ticks;
      EXPECT_EQ(snapshot->states, all[ticks]->states);
      ++ticks;
    }
    sum += connects_of(part);
  }
  EXPECT_EQ(ticks, all.size());
  EXPECT_EQ(sum, connects_of(all));
}

TEST(CaptureReplay, AWindowHasTheIntervalsOfThatTime) {
  const TempDir dir;
  const auto records = mixed(2000, 9);
  const auto paths = write_capture(dir.path() + "/a.tcpw", records, kSmall);
  const auto all = live(records);
  std::vector<std::uint64_t> times;
  records.for_each([&](const Record& record) {
    if (const auto* const* tick = std::get_if<const tw_tick*>(&record))
      times.push_back((*tick)->header.time);
  });
  for (std::size_t from = 0; from < all.size(); from += 7) {
    const std::size_t to = std::min(all.size() - 1, from + 9);
    if (from > 0 && times[from] == times[from - 1]) continue;
    const auto seen = replayed(paths, {times[from], times[to]});
    ASSERT_GE(seen.size(), to - from + 1) << from;
    for (std::size_t i = 0; from + i <= to; ++i) {
      EXPECT_EQ(seen[i]->delta.connects, all[from + i]->delta.connects) << from << "+" << i;
      EXPECT_EQ(seen[i]->realtime_ns, all[from + i]->realtime_ns);
      EXPECT_EQ(seen[i]->states, all[from + i]->states);
    }
  }
}

TEST(CaptureReplay, AWindowReadsOnlyItsPartOfTheFile) {
  const TempDir dir;
  const auto paths = write_capture(dir.path() + "/a.tcpw", mixed(4000, 9), kSmall);
  auto set = CaptureSet::open_one(paths);
  ASSERT_TRUE(set);
  const std::uint64_t middle = (set->first_time() + set->last_time()) / 2;
  struct Nothing : RecordSink {
    void on_record(const Record&) override {}
  } nothing;
  const auto all = replay(*set, {}, nothing);
  const auto some = replay(*set, {middle, middle + kSecond}, nothing);
  ASSERT_TRUE(all && some);
  EXPECT_GT(some->records, 0u);
  EXPECT_LT(some->records, all->records / 4);
}

// Counters are cumulative: the interval after the gap has what the lost block had told.
TEST(CaptureReplay, ALostBlockLosesNoCounts) {
  const TempDir dir;
  const auto records = mixed(2000, 21);
  const auto paths = write_capture(dir.path() + "/a.tcpw", records, kSmall);
  auto file = FileReader::open(paths[0]);
  ASSERT_TRUE(file);
  std::string bytes = bytes_of(paths[0]);
  const auto victim = std::ranges::max_element(file->blocks(), {}, [](const IndexEntry& entry) {
    return entry.block.type == BlockType::kRecords ? entry.block.last_time - entry.block.first_time
                                                   : 0;
  });
  bytes[victim->offset + sizeof(BlockHeader) + 5] ^= 1;
  dir.write("b.tcpw", bytes);
  const std::vector<std::string> damaged{dir.path() + "/b.tcpw"};
  auto set = CaptureSet::open_one(damaged);
  ASSERT_TRUE(set);
  Model model;
  ASSERT_TRUE(replay(*set, {}, model));
  EXPECT_EQ(set->damage().blocks, 1u);
  const auto all = replayed(damaged);
  EXPECT_LT(all.size(), live(records).size());
  EXPECT_GT(all.size(), live(records).size() / 2);
}

TEST(CaptureReplay, CountsWhatItDoesNotKnow) {
  const TempDir dir;
  const auto records = mixed(300, 2);
  const auto paths = write_capture(dir.path() + "/a.tcpw", records, kSmall);
  auto set = CaptureSet::open_one(paths);
  Model model;
  const auto count = replay(*set, {}, model);
  ASSERT_TRUE(count);
  const ReadCount direct = records.for_each([](const Record&) {});
  EXPECT_GT(direct.errors, 0u);
  EXPECT_EQ(count->all_skipped(), direct.errors);
  EXPECT_EQ(count->skipped[63], direct.errors);
  EXPECT_EQ(count->records, direct.records);
}

TEST(CaptureReplay, FilesOfSeveralHostsAreSets) {
  const TempDir dir;
  std::vector<std::string> paths;
  for (const char* host : {"web-1", "web-2"}) {
    RecordBatch records;
    auto record = new_record<tw_host>(5);
    set_text(record.hostname, host);
    records.append(record);
    paths.push_back(write_capture(dir.path() + "/" + host, records).at(0));
  }
  const auto sets = CaptureSet::open(paths);
  ASSERT_TRUE(sets);
  ASSERT_EQ(sets->size(), 2u);
  EXPECT_EQ((*sets)[1].host(), "web-2");
  EXPECT_EQ(CaptureSet::open_one(paths).error().kind, ErrorKind::kUsage);
}

// The other thread writes what this one would have written.
TEST(CaptureReplay, TheBackgroundWriterWritesTheStream) {
  const TempDir dir;
  const auto records = mixed(1500, 8);
  CaptureWriter writer({}, kSmall, [&](std::uint32_t) { return dir.path() + "/a.tcpw"; });
  ASSERT_TRUE(writer.open());
  BackgroundWriter background(writer);
  records.send_to(background);
  ASSERT_TRUE(background.finish());
  EXPECT_EQ(background.dropped(), 0u);
  const std::vector<std::string> paths{dir.path() + "/a.tcpw"};
  expect_equal(live(records), replayed(paths));
}

// A queue that is full drops stories, says so in the next loss record, and keeps the counters.
TEST(CaptureReplay, AFullQueueDropsStoriesAndSaysHowMany) {
  const TempDir dir;
  CaptureWriter writer({}, {}, [&](std::uint32_t) { return dir.path() + "/a.tcpw"; });
  ASSERT_TRUE(writer.open());
  BackgroundWriter background(writer, 20'000);  // less than it hands over by itself
  const auto stories = closes(1000, 1);
  stories.send_to(background);
  const auto loss = new_record<tw_loss>(1);
  const auto dropped = background.dropped();
  EXPECT_GT(dropped, 0u);
  background.hand_over();
  background.on_record(&loss);
  ASSERT_TRUE(background.finish());
  auto file = FileReader::open(dir.path() + "/a.tcpw");
  std::uint64_t seen = 0;
  std::uint64_t lost = 0;
  read_capture(*file).for_each([&](const Record& record) {
    seen += std::holds_alternative<const tw_closed*>(record) ? 1 : 0;
    if (const auto* const* told = std::get_if<const tw_loss*>(&record))
      lost = (*told)->lost[TW_KIND_CLOSED];
  });
  EXPECT_EQ(seen + lost, 2000u);
  EXPECT_EQ(lost, dropped);
}

}  // namespace
}  // namespace tcpwatch::test
