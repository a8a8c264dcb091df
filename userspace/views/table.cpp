// SPDX-License-Identifier: Apache-2.0
#include "views/table.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "views/table_layout.h"

namespace tcpwatch {
namespace {

// A column that has nothing to say anywhere, unless it is one that people look for.
bool is_void(const Column& column, const std::vector<TableRow>& rows, std::size_t index) {
  if (column.rank <= 1 || rows.empty()) return false;
  return std::ranges::all_of(rows, [&](const TableRow& row) {
    return row.cells[index].text == "-" || row.cells[index].text.empty();
  });
}

std::vector<std::size_t> worth_showing(const std::vector<Column>& columns,
                                       const std::vector<TableRow>& rows) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!is_void(columns[i], rows, i)) indices.push_back(i);
  return indices;
}

// One line, cut to the width of the whole: even the columns that always stay may be too wide.
class Line {
 public:
  Line(std::size_t width, Palette palette) : left_(width), palette_(palette) {}

  void add_space(std::size_t columns) {
    columns = std::min(columns, left_);
    left_ -= columns;
    spaces_ += columns;
  }
  // Spaces are held back until something follows them.
  void add(std::string_view text, Tone tone) {
    const std::string kept = cut(text, left_);
    const auto first = std::min(kept.find_first_not_of(' '), kept.size());
    const auto end = kept.find_last_not_of(' ') + 1;  // npos + 1 is 0
    add_space(first);
    if (first >= end) return;
    const std::string_view word = std::string_view(kept).substr(first, end - first);
    out_ += std::string(spaces_, ' ') + paint(word, tone, palette_);
    spaces_ = 0;
    left_ -= display_width(word);
    add_space(kept.size() - end);
  }
  std::string take() { return std::move(out_) + "\n"; }

 private:
  std::size_t left_;
  Palette palette_;
  std::string out_;
  std::size_t spaces_ = 0;
};

std::string headings(const std::vector<Column>& columns, const TableLayout& layout,
                     std::size_t width, Palette palette) {
  Line line(width, palette);
  std::size_t space = kTableMargin;
  for (const std::size_t i : layout.shown()) {
    line.add_space(std::exchange(space, kTableGap));
    line.add(fitted(columns[i], columns[i].title, layout.width(i)), Tone::kTitle);
  }
  return line.take();
}

std::string row_text(const std::vector<Column>& columns, const TableLayout& layout,
                     const TableRow& row, std::size_t width, Palette palette) {
  Line line(width, palette);
  line.add(align_left(std::string(1, row.mark), kTableMargin), row.tone);
  std::size_t space = 0;
  for (const std::size_t i : layout.shown()) {
    line.add_space(std::exchange(space, kTableGap));
    line.add(fitted(columns[i], row.cells[i].text, layout.width(i)), row.cells[i].tone);
  }
  return line.take();
}

}  // namespace

std::string table_text(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
                       std::size_t width, Palette palette) {
  const TableLayout layout(columns, rows, worth_showing(columns, rows), width);
  std::string text = headings(columns, layout, width, palette);
  for (const TableRow& row : rows) text += row_text(columns, layout, row, width, palette);
  return text;
}

}  // namespace tcpwatch
