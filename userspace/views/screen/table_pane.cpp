// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "views/screen/panes.h"
#include "views/table_layout.h"

namespace tcpwatch {
namespace {

// The first row on the screen, so that the selected one is on it.
std::size_t top_of(std::size_t top, std::size_t selected, std::size_t height, std::size_t rows) {
  if (height == 0) return 0;
  if (selected < top) top = selected;
  if (selected >= top + height) top = selected + 1 - height;
  return std::min(top, rows - std::min(rows, height));
}

struct Pane {
  Frame& frame;
  const std::vector<Column>& columns;
  const TableLayout& layout;

  void headings(std::size_t y, const Rows& rows, const TableState& table, Spots* spots) const {
    const auto names = rows.names();
    frame.fill(y, {Tone::kBar, true});
    std::size_t x = kTableMargin;
    for (const std::size_t i : layout.shown()) {
      const bool sorted = !table.sort.empty() && names[i] == table.sort;
      const std::string text = fitted(columns[i], columns[i].title, layout.width(i));
      const Style style{sorted ? Tone::kTitle : Tone::kBar, true};
      frame.put(x, y, text, style);
      const auto choice = std::ranges::find(rows.choices(), names[i], &ColumnChoice::name);
      const bool upwards = (choice != rows.choices().end() && choice->text) != table.inverted;
      const std::size_t end = x + layout.width(i);
      if (sorted) frame.put(end, y, upwards ? "▲" : "▼", style);
      if (spots) spots->headings.push_back({x, end + 1, names[i]});
      x = end + kTableGap;
    }
  }
  void row(std::size_t y, const TableRow& line) const {
    frame.put(0, y, std::string(1, line.mark), {line.tone});
    std::size_t x = kTableMargin;
    for (const std::size_t i : layout.shown()) {
      const Cell& cell = line.cells[i];
      frame.put(x, y, fitted(columns[i], cell.text, layout.width(i)), {cell.tone});
      x += layout.width(i) + kTableGap;
    }
  }
};

}  // namespace

void draw_table(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
                const TableState& table, std::size_t selected, Spots* spots) {
  if (height == 0) return;
  const std::size_t room = height - 1;
  const std::size_t top = spots ? top_of(table.top, selected, room, rows.size()) : 0;
  const std::size_t end = std::min(rows.size(), top + room);
  const std::vector<Column> columns = rows.columns();
  std::vector<TableRow> lines;
  for (std::size_t row = top; row < end; ++row) lines.push_back(rows.row(row));
  std::vector<std::size_t> wanted(columns.size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  const TableLayout layout(columns, lines, std::move(wanted), frame.width());
  const Pane pane{frame, columns, layout};
  pane.headings(y, rows, table, spots);
  for (std::size_t i = 0; i < lines.size(); ++i) pane.row(y + 1 + i, lines[i]);
  if (!spots) return;
  spots->headings_y = y;
  spots->rows_y = y + 1;
  spots->rows = room;
  spots->top = top;
  if (selected >= top && selected < end) frame.reverse(y + 1 + selected - top);
}

}  // namespace tcpwatch
