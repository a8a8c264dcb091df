// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "host/conntrack.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

constexpr const char* kText =
    "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "
    "early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
    "0003ffff  00000000 00000000 00000000 00000001 00000002 00000000 00000003 00000000 00000001 "
    "00000010 00000004 00000000  00000000 00000000 00000000 00000000\n"
    "0003ffff  00000000 00000000 00000000 00000001 00000002 00000000 00000003 00000000 00000000 "
    "000000ff 00000000 00000000  00000000 00000000 00000000 00000000\n";

TEST(Conntrack, AddsUpTheCpusButForTheEntries) {
  tw_conntrack record{};
  ASSERT_TRUE(parse_conntrack(kText, record));
  EXPECT_EQ(record.count, 0x3ffffU);
  EXPECT_EQ(record.dropped, 0x10U + 0xffU + 1U) << "no room, or not inserted";
  EXPECT_EQ(record.early_dropped, 4U);
}

TEST(Conntrack, ColumnsMayMove) {
  tw_conntrack record{};
  ASSERT_TRUE(parse_conntrack("entries drop new\n0a 02 ff\n", record));
  EXPECT_EQ(record.count, 10U);
  EXPECT_EQ(record.dropped, 2U);
}

TEST(Conntrack, OtherTextIsNone) {
  tw_conntrack record{};
  for (const char* text : {"", "entries", "entries drop\n", "entries\nxyz\n", "other drop\n1 2\n"})
    EXPECT_FALSE(parse_conntrack(text, record)) << text;
}

TEST(Conntrack, NoFileIsNoTracking) {
  const test::TempDir dir;
  tw_conntrack record{};
  std::string buffer;
  EXPECT_FALSE(read_conntrack(dir.path(), buffer, record));
  dir.write("stat/nf_conntrack", kText);
  EXPECT_TRUE(read_conntrack(dir.path(), buffer, record));
  EXPECT_EQ(record.count, 0x3ffffU);
}

}  // namespace
}  // namespace tcpwatch
