// SPDX-License-Identifier: Apache-2.0
#include "views/table_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace tcpwatch {

// How wide a column must be and would like to be.
TableLayout::Room TableLayout::room_of(const std::vector<Column>& columns,
                                       const std::vector<TableRow>& rows, std::size_t index) {
  const Column& column = columns[index];
  const std::size_t least = std::max(display_width(column.title), column.width);
  std::size_t wanted = least;
  for (const TableRow& row : rows) wanted = std::max(wanted, display_width(row.cells[index].text));
  return {column.left ? std::min(wanted, std::max(least, column.keep)) : wanted, wanted};
}

TableLayout::TableLayout(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
                         std::vector<std::size_t> wanted, std::size_t width)
    : columns_(columns), shown_(std::move(wanted)) {
  for (std::size_t i = 0; i < columns.size(); ++i) rooms_.push_back(room_of(columns, rows, i));
  while (least() > width && leave_out()) {
  }
  give_out(width);
}

std::size_t TableLayout::least() const {
  const std::size_t gaps = shown_.empty() ? 0 : (shown_.size() - 1) * kTableGap;
  return std::accumulate(shown_.begin(), shown_.end(), kTableMargin + gaps,
                         [&](std::size_t sum, std::size_t i) { return sum + rooms_[i].least; });
}

// The least important column goes; of several, the last.
bool TableLayout::leave_out() {
  auto worst = shown_.end();
  for (auto place = shown_.begin(); place != shown_.end(); ++place)
    if (columns_[*place].rank > 0 &&
        (worst == shown_.end() || columns_[*place].rank >= columns_[*worst].rank))
      worst = place;
  if (worst == shown_.end()) return false;
  shown_.erase(worst);
  return true;
}

// What room is left goes to the text columns, the most important first.
void TableLayout::give_out(std::size_t width) {
  std::size_t left = width - std::min(width, least());
  std::vector<std::size_t> texts = shown_;
  std::ranges::sort(texts, {}, [&](std::size_t i) { return std::pair(columns_[i].rank, i); });
  for (const std::size_t i : texts) {
    const std::size_t more = std::min(rooms_[i].wanted - rooms_[i].least, left);
    rooms_[i].least += more;
    left -= more;
  }
}

namespace {

constexpr std::string_view kEllipsis = "…";

// Both ends stay, with one "…" between them.
std::string cut_middle(std::string_view text, std::size_t width) {
  if (display_width(text) <= width || width < 3) return cut(text, width);
  const std::string begin = cut(text, width / 2);
  const std::string end = cut_left(text, width - display_width(begin) + 1);
  return begin + end.substr(kEllipsis.size());
}

std::string shortened(Cut how, std::string_view text, std::size_t width) {
  if (how == Cut::kMiddle) return cut_middle(text, width);
  return how == Cut::kBegin ? cut_left(text, width) : cut(text, width);
}

}  // namespace

std::string fitted(const Column& column, std::string_view text, std::size_t width) {
  if (!column.left) return align_right(text, width);
  return align_left(shortened(column.cut, text, width), width);
}

}  // namespace tcpwatch
