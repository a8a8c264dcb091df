// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <time.h>

#include "base/clock.h"
#include "support/random.h"

namespace tcpwatch {
namespace {

TEST(FormatTime, Known) {
  EXPECT_EQ(format_rfc3339(0), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_rfc3339(1'000'000'000'000'000'001), "2001-09-09T01:46:40.000000001Z");
  EXPECT_EQ(format_rfc3339(1'709'251'199'999'999'999), "2024-02-29T23:59:59.999999999Z");
  EXPECT_EQ(format_rfc3339(~std::uint64_t{0}), "2554-07-21T23:34:33.709551615Z");
}

TEST(FormatTimeProperty, AgreesWithTheCLibrary) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t ns = random.number(0, ~std::uint64_t{0});
    const auto seconds = static_cast<time_t>(ns / 1'000'000'000);
    tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    ::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    EXPECT_EQ(format_rfc3339(ns).substr(0, 19), text);
  }
}

TEST(Clock, RunsForward) {
  const std::uint64_t first = monotonic_ns();
  EXPECT_GE(monotonic_ns(), first);
  EXPECT_GT(realtime_ns(), 1'700'000'000'000'000'000u);
}

}  // namespace
}  // namespace tcpwatch
