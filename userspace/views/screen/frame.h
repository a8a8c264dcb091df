// SPDX-License-Identifier: Apache-2.0
//
// A picture of the screen: a grid of terminal cells, each a character with what it means. Whatever
// is put on it is clipped; a wide character takes two cells and is never cut in half. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "views/palette.h"

namespace tcpwatch {

struct Style {
  Tone tone = Tone::kNormal;
  bool reverse = false;
  bool operator==(const Style&) const = default;
};

struct FrameCell {
  std::string text = " ";  // a character and its marks; empty: right half of a wide one
  Style style;
  bool operator==(const FrameCell&) const = default;
};

class Frame {
 public:
  Frame(std::size_t width, std::size_t height);

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }
  const FrameCell& at(std::size_t x, std::size_t y) const { return cells_[y * width_ + x]; }

  // Sanitized text, at most `room` columns of it; the columns that it took.
  std::size_t put(std::size_t x, std::size_t y, std::string_view text, Style style = {},
                  std::size_t room = static_cast<std::size_t>(-1));
  // A whole line in reverse, or back; a whole line of spaces.
  void reverse(std::size_t y);
  void fill(std::size_t y, Style style);

  // Of frames of one width.
  bool same_line(const Frame& other, std::size_t y) const;

  // Lines without spaces at their ends, each ends in a newline.
  std::string text() const;
  // The same grid with a letter for each cell's style (tests): . normal, t title, d dim, g good,
  // w warning, b bad, h bar; capitals (and #) are in reverse.
  std::string styles() const;

 private:
  void set(std::size_t x, std::size_t y, std::string_view text, std::size_t columns, Style style);

  std::size_t width_;
  std::size_t height_;
  std::vector<FrameCell> cells_;
};

// For terminals without Unicode: every cell in ASCII, as wide as it was.
Frame in_ascii(const Frame& frame);
// The same for text: marks of ours; what others wrote stays.
std::string in_ascii(std::string_view text);

}  // namespace tcpwatch
