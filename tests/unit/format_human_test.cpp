// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/human.h"
#include "support/random.h"

namespace tcpwatch {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(FormatCount, Sizes) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(7), "7");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(999.6), "1k");
  EXPECT_EQ(format_count(1000), "1k");
  EXPECT_EQ(format_count(12345), "12.3k");
  EXPECT_EQ(format_count(99960), "100k");
  EXPECT_EQ(format_count(999499), "999k");
  EXPECT_EQ(format_count(999500), "1M");
  EXPECT_EQ(format_count(149e6), "149M");
  EXPECT_EQ(format_count(18446744073709551615.0), "18447P");
}

TEST(FormatCount, NegativeAndNoNumber) {
  EXPECT_EQ(format_count(-2600), "-2.6k");
  EXPECT_EQ(format_count(-0.2), "0");
  EXPECT_EQ(format_count(std::nan("")), "-");
  EXPECT_EQ(format_count(kInfinity), "-");
}

TEST(FormatBytes, Sizes) {
  EXPECT_EQ(format_bytes(0), "0B");
  EXPECT_EQ(format_bytes(1023), "1023B");
  EXPECT_EQ(format_bytes(1024), "1KiB");
  EXPECT_EQ(format_bytes(1536), "1.5KiB");
  EXPECT_EQ(format_bytes(1024 * 1024 - 1), "1MiB");
}

TEST(FormatRate, Sizes) {
  EXPECT_EQ(format_rate(0), "0/s");
  EXPECT_EQ(format_rate(0.001), "<0.01/s");
  EXPECT_EQ(format_rate(-0.001), ">-0.01/s");
  EXPECT_EQ(format_rate(0.25), "0.25/s");
  EXPECT_EQ(format_rate(0.996), "1/s");
  EXPECT_EQ(format_rate(2.5), "2.5/s");
  EXPECT_EQ(format_rate(-2.5), "-2.5/s");
  EXPECT_EQ(format_rate(99.96), "100/s");
  EXPECT_EQ(format_rate(12345), "12.3k/s");
}

TEST(FormatSeconds, Sizes) {
  EXPECT_EQ(format_seconds(0), "0s");
  EXPECT_EQ(format_seconds(250e-9), "250ns");
  EXPECT_EQ(format_seconds(999.6e-9), "1us");
  EXPECT_EQ(format_seconds(4.5e-6), "4.5us");
  EXPECT_EQ(format_seconds(999.6e-6), "1ms");
  EXPECT_EQ(format_seconds(0.0176), "17.6ms");
  EXPECT_EQ(format_seconds(0.9996), "1s");
  EXPECT_EQ(format_seconds(1.5), "1.5s");
  EXPECT_EQ(format_seconds(59.96), "1m00s");
  EXPECT_EQ(format_seconds(125), "2m05s");
  EXPECT_EQ(format_seconds(3599.6), "1h00m");
  EXPECT_EQ(format_seconds(3720), "1h02m");
  EXPECT_EQ(format_seconds(86390), "1d00h");
  EXPECT_EQ(format_seconds(3 * 86400 + 4 * 3600), "3d04h");
  EXPECT_EQ(format_seconds(100 * 86400 - 60), "100d");
  EXPECT_EQ(format_seconds(-0.0176), "-17.6ms");
  EXPECT_EQ(format_seconds(1e300), "-");
  EXPECT_EQ(format_seconds(std::nan("")), "-");
}

TEST(FormatPercent, Sizes) {
  EXPECT_EQ(format_percent(0), "0%");
  EXPECT_EQ(format_percent(0.0001), "<0.1%");
  EXPECT_EQ(format_percent(0.005), "0.5%");
  EXPECT_EQ(format_percent(0.85), "85%");
  EXPECT_EQ(format_percent(0.99999), ">99.9%");
  EXPECT_EQ(format_percent(1), "100%");
  EXPECT_EQ(format_percent(kInfinity), "-");
}

// What a column of a table has to reckon with.
TEST(FormatProperty, StaysShort) {
  test::Random random;
  for (int round = 0; round < 100000; ++round) {
    const double value = std::pow(10, random.real(-12, 14));
    EXPECT_LE(format_count(value).size(), 5u) << value;
    EXPECT_LE(format_rate(value).size(), 7u) << value;
    EXPECT_LE(format_bytes(value).size(), 7u) << value;
    if (value < 8e9) {
      EXPECT_LE(format_seconds(value).size(), 6u) << value;
    }
  }
}

}  // namespace
}  // namespace tcpwatch
