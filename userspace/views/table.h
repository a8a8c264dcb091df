// SPDX-License-Identifier: Apache-2.0
//
// A text table that fits a given width: columns are as wide as their cells, the least important
// ones give way, text columns shrink and grow. Never wider than asked, no spaces at a line's end.
// Widths are terminal columns. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "views/palette.h"

namespace tcpwatch {

enum class Cut { kEnd, kBegin, kMiddle };  // which part of a long text is left out

struct Column {
  std::string title;
  bool left = false;  // text: aligned left, may be cut
  Cut cut = Cut::kEnd;
  int rank = 0;           // 0: never left out
  std::size_t width = 0;  // the least
  std::size_t keep = 0;   // text: rather than cut it below this, less important columns go
};

struct Cell {
  std::string text;  // sanitized
  Tone tone = Tone::kNormal;
};

struct TableRow {
  char mark = ' ';  // stands before the row
  Tone tone = Tone::kNormal;
  std::vector<Cell> cells;
};

// A line for the headings, one for each row; each ends in a newline.
std::string table_text(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
                       std::size_t width, Palette palette);

}  // namespace tcpwatch
