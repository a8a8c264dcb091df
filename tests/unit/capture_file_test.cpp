// SPDX-License-Identifier: Apache-2.0
//
// Files that lost their tail at any byte, or a bit anywhere: whole blocks are read, what was lost
// is counted, nothing crashes.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "capture/checksum.h"
#include "capture/file_reader.h"
#include "support/random.h"
#include "support/temp_dir.h"
#include "unit/capture_stream.h"

namespace tcpwatch::test {
namespace {

constexpr WriterLimits kSmallBlocks = {
    .block_bytes = 4096, .block_ns = 1'500'000'000, .state_ns = 2'000'000'000};

class CaptureFile : public testing::Test {
 protected:
  void SetUp() override {
    records = mixed(40, 11);
    path = dir.path() + "/a.tcpw";
    ASSERT_EQ(write_capture(path, records, kSmallBlocks).size(), 1u);
    bytes = bytes_of(path);
    auto file = FileReader::open(path);
    ASSERT_TRUE(file);
    blocks.assign(file->blocks().begin(), file->blocks().end());
    ASSERT_GT(blocks.size(), 4u);
  }

  std::string other(const std::string& content) const {
    dir.write("b.tcpw", content);
    return dir.path() + "/b.tcpw";
  }
  static std::uint64_t end_of(const IndexEntry& entry) {
    return entry.offset + sizeof(BlockHeader) + entry.block.stored;
  }

  TempDir dir;
  RecordBatch records;
  std::string path;
  std::string bytes;
  std::vector<IndexEntry> blocks;
};

TEST_F(CaptureFile, GivesBackTheStream) {
  auto file = FileReader::open(path);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->closed());
  EXPECT_TRUE(same(read_capture(*file), records));
  EXPECT_FALSE(file->damage().any());
  EXPECT_STREQ(file->header().host, "web-7");
  EXPECT_EQ(file->header().abi_version, unsigned{TW_ABI_VERSION});
  EXPECT_TRUE(std::ranges::any_of(blocks, [](const IndexEntry& entry) {
    return entry.block.type == BlockType::kState;
  })) << "the stream is long enough for a state";
}

TEST_F(CaptureFile, CutAnywhereKeepsEveryWholeBlock) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto whole = static_cast<std::size_t>(std::ranges::count_if(
        blocks, [&](const IndexEntry& entry) { return end_of(entry) <= size; }));
    auto file = FileReader::open(other(bytes.substr(0, size)));
    if (size < kFileMagic.size()) {
      EXPECT_FALSE(file) << size;
      continue;
    }
    if (!file) {
      EXPECT_LT(size, sizeof(FileHeader));
      continue;
    }
    ASSERT_EQ(file->blocks().size(), whole) << "cut at " << size;
    EXPECT_FALSE(file->closed());
    RecordBatch out;
    const bool look = whole > 0 && size < end_of(blocks[whole - 1]) + 3;
    for (const IndexEntry& entry : file->blocks())
      ASSERT_TRUE(!look || file->read(entry, Kinds::all(), out));
    const bool between =
        size == sizeof(FileHeader) || size >= end_of(blocks.back()) ||
        std::ranges::any_of(blocks, [&](const auto& e) { return end_of(e) == size; });
    EXPECT_TRUE(between || file->damage().torn) << "cut at " << size;
  }
}

TEST_F(CaptureFile, AChangedByteCostsAtMostItsBlock) {
  for (std::size_t at = 0; at < bytes.size(); at += at < 600 ? 1 : 7) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    auto file = FileReader::open(other(changed));
    if (!file) {
      EXPECT_LT(at, sizeof(FileHeader));
      continue;
    }
    std::size_t read = 0;
    for (const IndexEntry& entry : file->blocks()) {
      RecordBatch out;
      read += file->read(entry, Kinds::all(), out) ? 1 : 0;
    }
    ASSERT_GE(read + 1, blocks.size()) << "byte " << at;
    const bool in_data = at >= sizeof(FileHeader) && at < end_of(blocks.back());
    EXPECT_EQ(read, blocks.size() - (in_data ? 1 : 0)) << "byte " << at;
    EXPECT_LE(file->damage().blocks, 1u);
    EXPECT_EQ(file->damage().blocks, in_data ? 1u : file->damage().blocks) << "byte " << at;
  }
}

TEST_F(CaptureFile, WithoutItsHeaderTheBlocksAreStillThere) {
  auto file = FileReader::open(other(std::string(100, 'x') + bytes.substr(sizeof(FileHeader))));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->blocks().size(), blocks.size());
  EXPECT_EQ(file->damage().bytes, 100u);
}

TEST_F(CaptureFile, WhatIsNoCaptureIsSaid) {
  for (const std::string& content :
       {std::string(), std::string("#!/bin/sh\n"), std::string(9999, 'T')}) {
    const auto file = FileReader::open(other(content));
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::kBadInput);
    EXPECT_FALSE(file.error().hint.empty());
  }
  EXPECT_EQ(FileReader::open(dir.path()).error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(FileReader::open(dir.path() + "/none").error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(FileReader::open("/dev/zero").error().kind, ErrorKind::kBadInput);
}

// Headers whose checksums are right, but whose lengths lie.
TEST_F(CaptureFile, LengthsThatLieAreNotBelieved) {
  for (const std::uint32_t lie : {0u, 1u, 100'000u, 0x7fffffffu, 0xffffffffu}) {
    for (int member = 0; member < 3; ++member) {
      std::string changed = bytes;
      BlockHeader header = blocks[1].block;
      (member == 0 ? header.stored : member == 1 ? header.raw : header.records) = lie;
      header.checksum = header_checksum(header);
      std::memcpy(changed.data() + blocks[1].offset, &header, sizeof header);
      auto file = FileReader::open(other(changed));
      ASSERT_TRUE(file);
      RecordBatch out;
      std::size_t read = 0;
      for (const IndexEntry& entry : file->blocks()) read += file->read(entry, Kinds::all(), out);
      EXPECT_EQ(read, blocks.size() - 1);
      EXPECT_EQ(file->damage().blocks, 1u);
    }
  }
}

TEST_F(CaptureFile, ANewerFormatIsRefusedWithAHint) {
  std::string changed = bytes;
  FileHeader header{};
  std::memcpy(&header, changed.data(), sizeof header);
  header.version = kFormatVersion + 1;
  header.checksum = header_checksum(header);
  std::memcpy(changed.data(), &header, sizeof header);
  const auto file = FileReader::open(other(changed));
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("format"), std::string::npos);
}

TEST_F(CaptureFile, NeverWritesOverAFile) {
  const auto again = FileWriter::create(path);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kInputOutput);
  EXPECT_FALSE(again.error().hint.empty());
  EXPECT_EQ(bytes_of(path), bytes);
}

}  // namespace
}  // namespace tcpwatch::test
