// SPDX-License-Identifier: Apache-2.0
//
// Blocks: what goes in comes out, byte for byte; they are small; hostile ones are refused and hold
// no more memory than they may.
#include "capture/block_encoder.h"

#include <gtest/gtest.h>

#include <cstring>

#include "capture/block_decoder.h"
#include "capture/checksum.h"
#include "capture/numbers.h"
#include "capture/pack.h"
#include "capture/section.h"
#include "events/make.h"
#include "support/random.h"
#include "unit/capture_stream.h"

namespace tcpwatch::test {
namespace {

struct Coded {
  BlockHeader header{};
  Bytes bytes;
  std::span<const std::byte> payload() const {
    return std::span(bytes).subspan(sizeof(BlockHeader));
  }
};

Coded encode(const RecordBatch& records) {
  Coded coded;
  BlockEncoder encoder;
  each_record(records.bytes(), [&](std::span<const std::byte> record) { encoder.add(record); });
  coded.header = encoder.finish(BlockType::kRecords, coded.bytes);
  return coded;
}

void expect_round_trip(const RecordBatch& records) {
  const Coded coded = encode(records);
  ASSERT_EQ(coded.header.raw, records.bytes().size());
  RecordBatch again;
  ASSERT_TRUE(BlockDecoder().decode(coded.header, coded.payload(), Kinds::all(), again));
  EXPECT_TRUE(same(records, again));
}

double stored_per_connection(const RecordBatch& records, std::uint32_t connections) {
  return static_cast<double>(encode(records).bytes.size()) / connections;
}

TEST(CaptureNumbers, OfAnySizeComeBack) {
  Random random;
  std::vector<std::uint64_t> numbers{0,
                                     1,
                                     2,
                                     3,
                                     ~std::uint64_t{0},
                                     std::uint64_t{1} << 33,
                                     (std::uint64_t{1} << 32) - 1,
                                     std::uint64_t{1} << 32};
  for (int i = 0; i < 5000; ++i)
    numbers.push_back(random.number(0, ~std::uint64_t{0}) >> random.number(0, 63));
  NumberWriter writer;
  for (const std::uint64_t number : numbers) writer.put(number);
  writer.finish();
  NumberReader reader(writer.widths, writer.bits);
  for (const std::uint64_t number : numbers) EXPECT_EQ(reader.next(), number);
  EXPECT_TRUE(reader.complete());
}

TEST(CaptureBlock, GivesBackEveryByte) {
  Random random;
  for (int round = 0; round < 10; ++round) {
    const auto seed = static_cast<std::uint32_t>(random.number(0, 1u << 31));
    expect_round_trip(closes(2000, seed));
    expect_round_trip(steps(500, seed));
    expect_round_trip(mixed(800, seed));
  }
  expect_round_trip({});
}

// Whatever the bytes behind a header are: words of any value, sizes and kinds of any mix.
TEST(CaptureBlock, GivesBackNoise) {
  Random random;
  RecordBatch noise;
  for (int i = 0; i < 500; ++i) {
    std::string bytes = random.bytes(16 + 8 * random.number(0, 12));
    if (i % 7 == 0) bytes.resize(sizeof(tw_step_record), '\x80');
    if (i % 3 == 0) bytes.resize(sizeof(tw_closed), '\x7f');
    tw_header header{};
    std::memcpy(&header, bytes.data(), sizeof header);
    header.size = static_cast<std::uint32_t>(bytes.size());
    header.kind = static_cast<__u16>(random.number(55, 70));
    if (i % 7 == 0) header.kind = TW_KIND_STEP;
    if (i % 3 == 0) header.kind = TW_KIND_CLOSED;
    std::memcpy(bytes.data(), &header, sizeof header);
    noise.append_bytes(std::as_bytes(std::span(bytes)));
  }
  expect_round_trip(noise);
}

// An encoder keeps its memory from block to block, and nothing else.
TEST(CaptureBlock, IsWhatItWouldBeAlone) {
  BlockEncoder encoder;
  for (const std::uint32_t seed : {1U, 2U, 1U}) {
    const RecordBatch records = mixed(500, seed);
    Bytes bytes;
    EXPECT_TRUE(encoder.empty());
    each_record(records.bytes(), [&](std::span<const std::byte> record) { encoder.add(record); });
    EXPECT_EQ(encoder.raw(), records.bytes().size());
    encoder.finish(BlockType::kRecords, bytes);
    EXPECT_TRUE(bytes == encode(records).bytes);
  }
}

// A few bytes may say that they are a terabyte: nothing is made ready for that.
TEST(CaptureBlock, AStreamIsAsLongAsItMayBe) {
  constexpr std::size_t kLong = 100'000;
  Bytes packed;
  Packer(3).pack(Bytes(kLong), packed);
  ASSERT_LT(packed.size(), kLong / 100);
  Unpacker unpacker;
  Bytes room;
  ByteReader bomb(packed);
  EXPECT_TRUE(unpacker.unpack(bomb, kLong - 1, room).empty());
  EXPECT_TRUE(bomb.failed());
  EXPECT_EQ(room.capacity(), 0u);
  ByteReader allowed(packed);
  EXPECT_EQ(unpacker.unpack(allowed, kLong, room).size(), kLong);
  EXPECT_FALSE(allowed.failed());
}

TEST(CaptureBlock, IsSmall) {
  EXPECT_LT(stored_per_connection(closes(15000, 1), 15000), 12);
  EXPECT_LT(stored_per_connection(closes(15000, 1, 2), 15000), 10.5) << "two listeners in turn";
  EXPECT_LT(stored_per_connection(steps(4000, 1), 4000), 36);
}

// Twenty processes that leak, each at its own pace, looked at once a second: a histogram of ages
// resembles that of the same process a second before, and not its neighbour's.
TEST(CaptureBlock, AgesOfLeaksAreSmall) {
  constexpr std::uint32_t kLeaks = 20;
  constexpr std::uint32_t kLooks = 60;
  RecordBatch batch;
  for (std::uint32_t look = 1; look <= kLooks; ++look) {
    for (std::uint32_t leak = 0; leak < kLeaks; ++leak) {
      auto record = new_record<tw_close_waits>(look * 1'000'000'000ULL);
      record.key.worker = 1000 + leak;
      record.key.role = TW_ROLE_IN;
      record.oldest_ns = look * 1'000'000'000ULL;
      for (std::uint32_t age = 0; age < look; ++age) {
        const std::uint64_t ns = age * 1'000'000'000ULL + leak * 37'000'000ULL;
        record.ages[tw_bucket_of(ns >> TW_AGE_SHIFT)] += leak + 1;
      }
      record.sockets = record.dated = look * (leak + 1);
      batch.append(record);
    }
  }
  EXPECT_LT(stored_per_connection(batch, kLeaks * kLooks), 3) << "1.94; without a key 4.58";
}

TEST(CaptureBlock, UnpacksOnlyWhatIsWanted) {
  const RecordBatch records = mixed(1000, 3);
  const Coded coded = encode(records);
  RecordBatch some;
  ASSERT_TRUE(BlockDecoder().decode(coded.header, coded.payload(),
                                    Kinds().add(TW_KIND_TICK).add(TW_KIND_DROPS), some));
  RecordBatch expected;
  each_record(records.bytes(), [&](std::span<const std::byte> record) {
    const auto kind = reinterpret_cast<const tw_header*>(record.data())->kind;
    if (kind == TW_KIND_TICK || kind == TW_KIND_DROPS) expected.append_bytes(record);
  });
  EXPECT_FALSE(expected.empty());
  EXPECT_TRUE(same(expected, some));
}

// Every length and number in the payload, off by a little or by much: an error or other records,
// but never more bytes than the header allows.
TEST(CaptureBlock, HostilePayloadsAreBounded) {
  Random random;
  const RecordBatch records = mixed(200, 5);
  const Coded coded = encode(records);
  for (int round = 0; round < 20000; ++round) {
    Bytes payload(coded.payload().begin(), coded.payload().end());
    for (auto changes = random.number(1, 3); changes > 0; --changes)
      payload[random.number(0, payload.size() - 1)] = static_cast<std::byte>(random.number(0, 255));
    if (random.number(0, 9) == 0) payload.resize(random.number(0, payload.size()));
    RecordBatch out;
    const auto decoded = BlockDecoder().decode(coded.header, payload, Kinds::all(), out);
    EXPECT_EQ(out.bytes().size(), decoded ? records.bytes().size() : 0);
  }
}

// A section that claims millions of records from a few bytes.
TEST(CaptureBlock, ABombIsRefusedBeforeItIsUnpacked) {
  for (const std::uint64_t count : {std::uint64_t{1} << 20, std::uint64_t{1} << 40}) {
    Bytes zeros(count < (1 << 21) ? static_cast<std::size_t>(count) * 2 : 64);
    Packer packer;
    Bytes body;
    put_varint(body, 0);
    put_varint(body, 0);
    packer.pack(zeros, body);
    Bytes payload;
    put_varint(payload, 1);
    for (const std::uint64_t number :
         {std::uint64_t{TW_KIND_TICK}, std::uint64_t{64}, count, kRows, std::uint64_t{body.size()}})
      put_varint(payload, number);
    put_bytes(payload, body.data(), body.size());
    Bytes order;
    put_run(order, 0, count);
    packer.pack(order, payload);
    BlockHeader header{};
    header.records = static_cast<std::uint32_t>(count);
    header.raw = static_cast<std::uint32_t>(count * 64);
    RecordBatch out;
    EXPECT_FALSE(BlockDecoder().decode(header, payload, Kinds::all(), out));
    EXPECT_TRUE(out.empty());
  }
}

}  // namespace
}  // namespace tcpwatch::test
