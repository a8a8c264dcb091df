// SPDX-License-Identifier: Apache-2.0
//
// The grid: nothing that a process calls itself breaks it, at any size, in any view.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "screen_support.h"
#include "support/random.h"
#include "view_snapshots.h"
#include "views/screen/gauge.h"

namespace tcpwatch::test {
namespace {

// Every cell holds what takes its columns, and no more.
void expect_grid(const Frame& frame) {
  for (std::size_t y = 0; y < frame.height(); ++y) {
    for (std::size_t x = 0; x < frame.width(); ++x) {
      const std::string& text = frame.at(x, y).text;
      if (text.empty()) {
        ASSERT_GT(x, 0u);
        ASSERT_EQ(display_width(frame.at(x - 1, y).text), 2u);
        continue;
      }
      ASSERT_EQ(text, sanitize(text));
      const std::size_t width = display_width(text);
      ASSERT_TRUE(width == 1 || width == 2) << text;
      if (width == 2) {
        ASSERT_LT(x + 1, frame.width());
        ASSERT_TRUE(frame.at(x + 1, y).text.empty());
      }
    }
  }
}

TEST(ScreenFrame, WideCharactersAreNeverCutInHalf) {
  Frame frame(5, 1);
  EXPECT_EQ(frame.put(0, 0, "日本語"), 4u);
  EXPECT_EQ(frame.text(), "日本\n");
  frame.put(1, 0, "x");
  EXPECT_EQ(frame.text(), " x本\n");
  frame.put(2, 0, "y");
  EXPECT_EQ(frame.text(), " xy\n");
  expect_grid(frame);
}

TEST(ScreenFrame, ClipsAndEscapes) {
  Frame frame(6, 2);
  EXPECT_EQ(frame.put(4, 0, "abc"), 2u);
  EXPECT_EQ(frame.put(9, 0, "abc"), 0u);
  EXPECT_EQ(frame.put(0, 7, "abc"), 0u);
  EXPECT_EQ(frame.put(0, 1, "a\x1b\xff\n", {}, 3), 3u);
  EXPECT_EQ(frame.text(), "    ab\na??\n");
}

TEST(ScreenFrame, MarksSitOnTheirCharacterInReasonableNumber) {
  Frame frame(3, 1);
  std::string zalgo = "a";
  for (int i = 0; i < 100; ++i) zalgo += "\xcc\x81";
  frame.put(0, 0, zalgo + "b");
  EXPECT_LT(frame.at(0, 0).text.size(), 20u);
  EXPECT_EQ(frame.at(1, 0).text, "b");
  expect_grid(frame);
}

TEST(ScreenFrame, AsciiKeepsTheGrid) {
  Frame frame(4, 1);
  frame.put(0, 0, "█日x");
  EXPECT_EQ(in_ascii(frame).text(), "#??x\n");
}

TEST(ScreenFrame, SparklinesAndMeters) {
  EXPECT_EQ(sparkline({std::nullopt, 0.0, 0.1, 5.0, 10.0}), " ▁▂▄▇");
  EXPECT_EQ(sparkline({0.0, 0.0}), "▁▁");
  EXPECT_EQ(meter(0.5, "5/9", 12), "[|||||  5/9]");
  EXPECT_EQ(meter(1.0, "100%", 8), "[||100%]");
  EXPECT_EQ(meter(0.0001, "", 6), "[|   ]");
  EXPECT_EQ(meter(99, "x", 4), "[|x]");
}

// Any size, any key: no state is reached whose picture is broken.
TEST(ScreenFrame, NoKeyAndNoSizeBreaksIt) {
  Random random;
  const std::u32string keys = U"12345q?/\\ab\t<>oIctn p+-sjkgGw日 ";
  for (const Snapshot& snapshot :
       {empty_snapshot(), healthy_snapshot(), incident_snapshot(), hostile_snapshot()}) {
    Played played(snapshot);
    for (int i = 0; i < 120; ++i) {
      const auto kind = static_cast<Key::Kind>(random.number(0, 19));
      Key key{.kind = kind, .function = 1 + static_cast<unsigned>(random.number(0, 11))};
      key.x = random.number(0, 219);
      key.y = random.number(0, 69);
      if (kind == Key::Kind::kNone || random.number(0, 1) == 0)
        key = character_key(keys[random.number(0, keys.size() - 1)]);
      played.press(key);
      expect_grid(played.picture().frame);
      expect_grid(in_ascii(played.picture().frame));
      if (HasFatalFailure()) FAIL() << "after key " << i << "\n" << played.text();
    }
  }
}

TEST(ScreenFrame, TroubleIsNeverInColourAlone) {
  const std::string text = Played(incident_snapshot()).text();
  EXPECT_NE(text.find("C  1201"), std::string::npos) << text;
  for (const Tone tone : {Tone::kWarning, Tone::kBad}) {
    EXPECT_NE(paint_of(tone, false), Paint{}) << "without colours";
    EXPECT_GE(paint_of(tone, true).colour, 0);
    EXPECT_LT(paint_of(tone, true).colour, 8) << "what every terminal has";
    EXPECT_EQ(paint_of(tone, false).colour, -1);
  }
}

TEST(ScreenHistory, TroubleLastsOverASecondWithoutLossButNotLonger) {
  History history;
  Snapshot snapshot = incident_snapshot();
  const Snapshot quiet = healthy_snapshot();
  const auto after = [&](Snapshot next, std::uint64_t seconds) {
    snapshot.realtime_ns += seconds * 1'000'000'000;
    next.realtime_ns = snapshot.realtime_ns;
    history.add(next);
    return history.trouble().sentences();
  };
  after(snapshot, 0);
  const auto both = after(snapshot, 1);
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], "for 2s 0.0.0.0:80 nginx drops ~1.7k/s, queue 512/512");
  EXPECT_EQ(both[1], "for 2s connects to 10.0.0.5:6379 fail 224/s EADDRNOTAVAIL, nginx 1201 +3");
  EXPECT_TRUE(after(quiet, 1).empty());
  EXPECT_NE(after(snapshot, 1)[0].find("for 4s"), std::string::npos);
  EXPECT_TRUE(after(quiet, 30).empty());
  EXPECT_NE(after(snapshot, 1)[0].find("for 1s"), std::string::npos);
}

TEST(ScreenHistory, KeepsSpikesAndForgets) {
  History history;
  Snapshot snapshot = empty_snapshot();
  for (int second = 0; second < 300; ++second) {
    snapshot.realtime_ns += 1'000'000'000;
    snapshot.delta.connects = second == 270 ? 1000 : 1;
    history.add(snapshot);
  }
  const auto minute = history.series(TotalName::kConnects, 60);
  EXPECT_EQ(minute.back(), 1.0);
  EXPECT_EQ(std::ranges::count(minute, std::optional<double>(1000)), 1);
  const auto narrow = history.series(TotalName::kConnects, 7);
  EXPECT_EQ(std::ranges::count(narrow, std::optional<double>(1000)), 1);
  EXPECT_EQ(History().series(TotalName::kDrops, 3).front(), std::nullopt);
}

}  // namespace
}  // namespace tcpwatch::test
