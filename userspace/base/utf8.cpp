// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace tcpwatch {
namespace {

struct Span {
  char32_t first;
  char32_t last;
};

// Sorted. Marks that sit on the character before them (Unicode Mn, Me; the common scripts).
constexpr std::array<Span, 33> kCombining{
    {{0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},  {0x05bf, 0x05bf}, {0x05c1, 0x05c2},
     {0x05c4, 0x05c5}, {0x0610, 0x061a},   {0x064b, 0x065f},  {0x0670, 0x0670}, {0x06d6, 0x06dc},
     {0x06df, 0x06e4}, {0x06e7, 0x06e8},   {0x06ea, 0x06ed},  {0x0711, 0x0711}, {0x0730, 0x074a},
     {0x0900, 0x0902}, {0x093a, 0x093a},   {0x093c, 0x093c},  {0x0941, 0x0948}, {0x094d, 0x094d},
     {0x0951, 0x0957}, {0x0e31, 0x0e31},   {0x0e34, 0x0e3a},  {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
     {0x1dc0, 0x1dff}, {0x20d0, 0x20f0},   {0x302a, 0x302d},  {0x3099, 0x309a}, {0xfe00, 0xfe0f},
     {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef}}};

// Sorted. East Asian Wide and Fullwidth, and emoji that terminals draw wide.
constexpr std::array<Span, 21> kWide{
    {{0x1100, 0x115f},  {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},   {0x26a1, 0x26a1},
     {0x2705, 0x2705},  {0x274c, 0x274c}, {0x2e80, 0x303e}, {0x3041, 0x33ff},   {0x3400, 0x4dbf},
     {0x4e00, 0x9fff},  {0xa000, 0xa4cf}, {0xa960, 0xa97f}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},
     {0xfe30, 0xfe6f},  {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f9ff},
     {0x20000, 0x3fffd}}};

// Sorted. C0, DEL, C1, soft hyphen, bidirectional controls, zero-width and format characters, line
// and paragraph separators, Hangul fillers, byte order mark, interlinear marks, non-characters,
// tags.
constexpr std::array<Span, 17> kTreacherous{{{0x0000, 0x001f},
                                             {0x007f, 0x009f},
                                             {0x00ad, 0x00ad},
                                             {0x034f, 0x034f},
                                             {0x061c, 0x061c},
                                             {0x115f, 0x1160},
                                             {0x17b4, 0x17b5},
                                             {0x180b, 0x180f},
                                             {0x200b, 0x200f},
                                             {0x2028, 0x202e},
                                             {0x2060, 0x206f},
                                             {0x3164, 0x3164},
                                             {0xfeff, 0xfeff},
                                             {0xffa0, 0xffa0},
                                             {0xfff0, 0xfffb},
                                             {0xfffe, 0xffff},
                                             {0xe0000, 0xe007f}}};

bool contains(std::span<const Span> spans, char32_t character) {
  const auto after = std::ranges::upper_bound(spans, character, {}, &Span::first);
  return after != spans.begin() && character <= std::prev(after)->last;
}

bool is_continuation(char byte) { return (static_cast<std::uint8_t>(byte) & 0xc0) == 0x80; }

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80) return {lead, 1, true};
  const CodePoint invalid{lead, 1, false};
  if (lead < 0xc2 || lead > 0xf4) return invalid;
  const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (text.size() < length) return invalid;
  char32_t value = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return invalid;
    value = value << 6 | (static_cast<std::uint8_t>(text[i]) & 0x3f);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (overlong || surrogate || value > 0x10ffff) return invalid;
  return {value, length, true};
}

int columns_of(char32_t character) {
  if (character < 0x0300) return 1;  // Latin: no look-up
  if (contains(kCombining, character)) return 0;
  return contains(kWide, character) ? 2 : 1;
}

bool is_treacherous(char32_t character) {
  if (character >= 0x20 && character < 0x7f) return false;
  return contains(kTreacherous, character);
}

}  // namespace tcpwatch
