// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace tcpwatch {
namespace {

using namespace std::chrono_literals;

TEST(Duration, Reads) {
  EXPECT_EQ(*parse_duration("500ms"), 500ms);
  EXPECT_EQ(*parse_duration("10s"), 10s);
  EXPECT_EQ(*parse_duration("5m"), 5min);
  EXPECT_EQ(*parse_duration("1h"), 1h);
  EXPECT_EQ(*parse_duration("2d"), 48h);
  EXPECT_EQ(*parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(*parse_duration("0.25h"), 15min);
  EXPECT_EQ(*parse_duration("10us"), 10us);
  EXPECT_EQ(*parse_duration("7ns"), 7ns);
  EXPECT_EQ(*parse_duration("0s"), 0s);
  EXPECT_EQ(*parse_duration("0.000000001s"), 1ns);
  EXPECT_EQ(*parse_duration("0.1s"), 100ms);
}

TEST(Duration, RefusesWithHint) {
  for (const char* text : {"",        "s",
                           "10",      "1.5",
                           "-1s",     "+1s",
                           " 1s",     "1s ",
                           "1 s",     ".5s",
                           "1.s",     "1.2.3s",
                           "1e3s",    "0x1s",
                           "10sec",   "10S",
                           "1s5",     "1h30m",
                           "inf",     "nan",
                           "1,5s",    "9223372036854775808ns",
                           "300000d", "99999999999999999999s",
                           "\xff"}) {
    const auto duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().kind, ErrorKind::kUsage) << text;
    EXPECT_NE(duration.error().message.find(text), std::string::npos) << text;
    EXPECT_FALSE(duration.error().hint.empty()) << text;
  }
}

TEST(Duration, SaysWhatIsWrong) {
  EXPECT_EQ(parse_duration("10").error().message, "'10' is no duration: its unit is missing");
  EXPECT_EQ(parse_duration("10sec").error().message, "'10sec' is no duration: 'sec' is no unit");
  EXPECT_EQ(parse_duration("-1s").error().message, "'-1s' is no duration: it is negative");
}

TEST(Duration, LongestIsRead) {
  EXPECT_EQ(parse_duration("9223372036854775807ns")->count(), 9223372036854775807);
}

TEST(Duration, Writes) {
  EXPECT_EQ(duration_text(0ns), "0s");
  EXPECT_EQ(duration_text(10s), "10s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(90min), "90m");
  EXPECT_EQ(duration_text(24h), "1d");
  EXPECT_EQ(duration_text(1ns), "1ns");
}

TEST(DurationProperty, WhatIsWrittenIsReadBack) {
  test::Random random;
  constexpr std::int64_t kUnits[] = {1, 1000, 1000000, 1000000000, 60000000000, 3600000000000};
  for (int round = 0; round < 5000; ++round) {
    const auto unit = kUnits[random.number(0, 5)];
    const std::chrono::nanoseconds duration(
        static_cast<std::int64_t>(random.number(0, 1u << random.number(0, 20))) * unit);
    const auto read = parse_duration(duration_text(duration));
    ASSERT_TRUE(read) << duration.count();
    EXPECT_EQ(*read, duration);
  }
}

}  // namespace
}  // namespace tcpwatch
