// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "base/fixed_text.h"
#include "base/text.h"
#include "base/utf8.h"
#include "support/random.h"

namespace tcpwatch {
namespace {

bool is_safe(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (!point.valid || is_treacherous(point.value)) return false;
    text.remove_prefix(point.length);
  }
  return true;
}

// Text of whole characters of all kinds, and now and then a byte of nothing.
std::string random_text(test::Random& random) {
  constexpr std::string_view kPieces[] = {
      "a",        " ",    "é",    "日",       "本", "😀", "e\u0301", "\u202e",
      "\x1b[31m", "\xff", "\xc3", "\xe6\x97", "\n", "…",  "한",      "\u200b"};
  std::string text;
  for (auto count = random.number(0, 20); count > 0; --count) {
    text += kPieces[random.number(0, std::size(kPieces) - 1)];
  }
  return text;
}

TEST(Sanitize, LeavesWhatIsHarmless) {
  for (const char* text : {"", "nginx: worker process", "/usr/bin/java -Xmx1g", "C:\\x", "größe",
                           "日本語", "😀", "e\u0301"}) {
    EXPECT_EQ(sanitize(text), text);
  }
}

TEST(Sanitize, ShowsControls) {
  EXPECT_EQ(sanitize("\x1b[31mred\x1b[0m"), "\\x1b[31mred\\x1b[0m");
  EXPECT_EQ(sanitize("\x1b]0;title\x07"), "\\x1b]0;title\\x07");
  EXPECT_EQ(sanitize("a\nb\tc\rd\x7f"), "a\\x0ab\\x09c\\x0dd\\x7f");
  EXPECT_EQ(sanitize(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(sanitize("\xc2\x9b"
                     "31m"),
            "\\x9b31m");  // CSI as one C1 character
}

TEST(Sanitize, ShowsWhatHidesOrReorders) {
  EXPECT_EQ(sanitize("exe.\u202egnp"), "exe.\\u202egnp");
  EXPECT_EQ(sanitize("a\u2066b\u2069"), "a\\u2066b\\u2069");
  EXPECT_EQ(sanitize("a\u200bb\ufeff"), "a\\u200bb\\ufeff");
  EXPECT_EQ(sanitize("a\u2028b"), "a\\u2028b");
  EXPECT_EQ(sanitize("\U000e0041"), "\\ue0041");
}

TEST(Sanitize, ShowsInvalidBytes) {
  EXPECT_EQ(sanitize("\xff"), "\\xff");
  EXPECT_EQ(sanitize("\x80"), "\\x80");
  EXPECT_EQ(sanitize("\xc3"), "\\xc3");                             // cut off
  EXPECT_EQ(sanitize("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(sanitize("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");           // overlong
  EXPECT_EQ(sanitize("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // surrogate
  EXPECT_EQ(sanitize("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  EXPECT_EQ(sanitize("\xc3("
                     "é"),
            "\\xc3(é");
}

TEST(SanitizeProperty, ResultIsSafeAndStays) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    const std::string hostile =
        round % 2 == 0 ? random.bytes(random.number(0, 64)) : random_text(random);
    const std::string clean = sanitize(hostile);
    EXPECT_TRUE(is_safe(clean));
    EXPECT_EQ(sanitize(clean), clean);
  }
}

TEST(Width, CountsColumns) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("größe"), 5u);
  EXPECT_EQ(display_width("日本"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("😀"), 2u);
  EXPECT_EQ(display_width("…"), 1u);
}

TEST(Cut, KeepsCharactersWhole) {
  EXPECT_EQ(cut("nginx", 5), "nginx");
  EXPECT_EQ(cut("nginx: worker", 6), "nginx…");
  EXPECT_EQ(cut("größe", 4), "grö…");
  EXPECT_EQ(cut("日本語", 6), "日本語");
  EXPECT_EQ(cut("日本語", 5), "日本…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(cut("日本語", 2), "…");
  EXPECT_EQ(cut("e\u0301xyz", 2), "e\u0301…");
  EXPECT_EQ(cut("abc", 1), "…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Cut, FromTheLeft) {
  EXPECT_EQ(cut_left("/system.slice/nginx.service", 14), "…nginx.service");
  EXPECT_EQ(cut_left("日本語", 4), "…語");
  EXPECT_EQ(cut_left("abc", 3), "abc");
  EXPECT_EQ(cut_left("abc", 1), "…");
  EXPECT_EQ(cut_left("abc", 0), "");
}

TEST(Align, FillsAndCuts) {
  EXPECT_EQ(align_left("ab", 4), "ab  ");
  EXPECT_EQ(align_right("ab", 4), "  ab");
  EXPECT_EQ(align_left("日本語", 4), "日… ");
  EXPECT_EQ(align_left("abcde", 4), "abc…");
  EXPECT_EQ(align_right("", 2), "  ");
  EXPECT_EQ(align_left("abc", 0), "");
}

TEST(CutProperty, IsNeverWiderNorBroken) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = sanitize(random_text(random));
    const auto columns = random.number(0, 30);
    for (const std::string& part : {cut(text, columns), cut_left(text, columns)}) {
      EXPECT_TRUE(is_safe(part));
      EXPECT_LE(display_width(part), columns);
    }
    EXPECT_EQ(display_width(align_left(text, columns)), columns);
    EXPECT_EQ(display_width(align_right(text, columns)), columns);
  }
}

TEST(FixedText, FillsAndReads) {
  char field[8];
  set_text(field, "nginx");
  EXPECT_EQ(text_of(field), "nginx");
  set_text(field, "");
  EXPECT_EQ(text_of(field), "");
  set_text(field, "1234567890");
  EXPECT_EQ(text_of(field), "1234567");
  set_text(field, "12345日本");
  EXPECT_EQ(text_of(field), "12345");
  set_text(field, "1234é");
  EXPECT_EQ(text_of(field), "1234é");
}

TEST(FixedText, ClearsTheRestAndNeedsNoEnd) {
  char field[8];
  std::memset(field, 'x', sizeof field);
  EXPECT_EQ(text_of(field), "xxxxxxxx");
  set_text(field, "ab");
  EXPECT_EQ(std::string(field, sizeof field), std::string("ab\0\0\0\0\0\0", 8));
}

TEST(FixedTextProperty, PrefixNeverSplitsACharacter) {
  test::Random random;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = sanitize(random_text(random));
    const auto bytes = random.number(0, text.size() + 2);
    const std::string_view prefix = utf8_prefix(text, bytes);
    EXPECT_LE(prefix.size(), bytes);
    EXPECT_TRUE(is_safe(prefix));
    EXPECT_GT(prefix.size() + 4, std::min<std::size_t>(bytes, text.size()));
    (void)utf8_prefix(random.bytes(16), bytes);
  }
}

}  // namespace
}  // namespace tcpwatch
