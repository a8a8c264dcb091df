// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "base/fixed_text.h"
#include "events/batch.h"
#include "support/random.h"

namespace tcpwatch {
namespace {

const tw_header& header_of(const Record& record) {
  return std::visit([](const auto* typed) -> const tw_header& { return typed->header; }, record);
}

// Reads every byte that the record claims, so that a sanitizer sees it if one is not there.
std::uint64_t touch(const Record& record) {
  return std::visit(
      [](const auto* typed) {
        std::uint64_t sum = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(typed);
        for (std::size_t i = 0; i < typed->header.size; ++i) sum += bytes[i];
        return sum;
      },
      record);
}

// Exactly as many bytes as given, on the heap: one byte too far is seen by the address sanitizer.
std::vector<std::uint64_t> aligned(std::span<const std::byte> bytes) {
  std::vector<std::uint64_t> words(bytes.size() / 8);
  if (!words.empty()) std::memcpy(words.data(), bytes.data(), words.size() * 8);
  return words;
}

ReadCount read_all(const std::vector<std::uint64_t>& words) {
  std::uint64_t sum = 0;
  return read_records(
      std::as_bytes(std::span(words)), [&](const Record& record) { sum += touch(record); },
      [](const Error& error) { EXPECT_FALSE(error.message.empty()); });
}

RecordBatch one_of_each() {
  RecordBatch batch;
  auto closed = new_record<tw_closed>(2);
  closed.role = TW_ROLE_OUT;
  auto step = new_record<tw_step_record>(4);
  step.role = TW_ROLE_IN;
  auto flow = new_record<tw_flow_record>(8);
  flow.flow.key.role = TW_ROLE_IN;
  set_text(flow.flow.comm, "nginx");
  batch.append(new_record<tw_connect>(1));
  batch.append(closed);
  batch.append(new_record<tw_drops>(3));
  batch.append(step);
  batch.append(new_record<tw_host>(6));
  batch.append(new_record<tw_hook>(7));
  batch.append(flow);
  batch.append(new_gone(9, TW_KIND_FLOW_GONE, 5));
  batch.append(new_record<tw_listener_record>(10));
  batch.append(new_gone(11, TW_KIND_LISTENER_GONE, 6));
  batch.append(new_record<tw_netns>(12));
  batch.append(new_record<tw_process>(13));
  batch.append(new_record<tw_loss>(14));
  batch.append(new_record<tw_tick>(15));
  return batch;
}

struct Collector : RecordSink {
  std::vector<int> kinds;
  void on_record(const Record& record) override { kinds.push_back(header_of(record).kind); }
};

TEST(RecordBatch, GivesBackWhatWasAppendedInOrder) {
  const RecordBatch batch = one_of_each();
  Collector collector;
  const ReadCount count = batch.send_to(collector);
  EXPECT_EQ(count.records, 14u);
  EXPECT_EQ(count.errors, 0u);
  EXPECT_EQ(collector.kinds,
            (std::vector<int>{1, 2, 3, 4, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25}));
}

TEST(RecordBatch, SetsTheSize) {
  RecordBatch batch;
  tw_tick tick{};
  tick.header.kind = TW_KIND_TICK;
  batch.append(tick);
  EXPECT_EQ(batch
                .for_each([](const Record& record) {
                  EXPECT_EQ(header_of(record).size, sizeof(tw_tick));
                })
                .records,
            1u);
}

TEST(RecordBatch, IsAlignedAndEmptyAtFirst) {
  RecordBatch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.bytes().empty());
  EXPECT_EQ(batch.for_each([](const Record&) {}).records, 0u);
  batch.append(new_record<tw_tick>(1));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(batch.bytes().data()) % 8, 0u);
  EXPECT_EQ(batch.bytes().size(), sizeof(tw_tick));
  batch.clear();
  EXPECT_TRUE(batch.empty());
}

TEST(RecordBatch, SkipsABadRecord) {
  RecordBatch batch;
  auto bad = new_record<tw_connect>(1);
  bad.reason = 99;
  batch.append(new_record<tw_tick>(1));
  batch.append(bad);
  batch.append(new_record<tw_gone>(1, static_cast<tw_kind>(63)));
  batch.append(new_record<tw_tick>(2));
  Collector collector;
  const ReadCount count = batch.send_to(collector);
  EXPECT_EQ(count.records, 2u);
  EXPECT_EQ(count.errors, 2u);
}

TEST(RecordBatch, StopsWhereNothingCanBeFound) {
  RecordBatch batch;
  batch.append(new_record<tw_tick>(1));
  batch.append_bytes(std::as_bytes(std::span("lost")));
  batch.append(new_record<tw_tick>(2));
  const ReadCount count = batch.for_each([](const Record&) {});
  EXPECT_EQ(count.records, 1u);
  EXPECT_EQ(count.errors, 1u);
}

TEST(DecodeProperty, RandomBytes) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    const std::string junk = random.bytes(8 * random.number(0, 40));
    std::vector<std::uint64_t> words = aligned(std::as_bytes(std::span(junk)));
    if (!words.empty() && round % 2 == 0) {  // a header that is nearly right
      const std::uint64_t kind = random.number(0, TW_KIND_LIMIT);
      words[0] = random.number(0, words.size() + 1) * 8 | kind << 32;
    }
    (void)read_all(words);
  }
}

TEST(DecodeProperty, MutatedRecords) {
  test::Random random;
  const RecordBatch batch = one_of_each();
  std::size_t accepted = 0, refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::uint64_t> words = aligned(batch.bytes());
    auto* bytes = reinterpret_cast<unsigned char*>(words.data());
    for (auto hits = random.number(1, 8); hits > 0; --hits) {
      const auto at = random.number(0, words.size() * 8 - 1);
      bytes[at] = static_cast<unsigned char>(random.number(0, 255));
    }
    words.resize(random.number(0, 3) == 0 ? random.number(0, words.size()) : words.size());
    words.shrink_to_fit();
    const ReadCount count = read_all(words);
    EXPECT_LE(count.records, 14u * 10);
    accepted += count.records;
    refused += count.errors;
  }
  EXPECT_GT(accepted, 20000u);  // the mutations neither break all
  EXPECT_GT(refused, 1000u);    // nor none
}

TEST(DecodeProperty, AcceptedRecordsKeepTheirPromises) {
  test::Random random;
  for (int round = 0; round < 50000; ++round) {
    auto record = new_record<tw_step_record>(1);
    auto* bytes = reinterpret_cast<unsigned char*>(&record);
    for (std::size_t i = sizeof(tw_header); i < sizeof record; ++i) {
      bytes[i] = static_cast<unsigned char>(random.number(0, 15));
    }
    const bool expected = record.from < TW_STATES && record.to < TW_STATES && record.role >= 1 &&
                          record.role < TW_ROLES;
    EXPECT_EQ(static_cast<bool>(decode(std::as_bytes(std::span(&record, 1)))), expected);
  }
}

}  // namespace
}  // namespace tcpwatch
