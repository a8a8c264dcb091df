// SPDX-License-Identifier: Apache-2.0
#include "views/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/text.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMargin = 2;  // for the mark
constexpr std::size_t kGap = 2;

// How wide a column must be and would like to be.
struct Room {
  std::size_t least;
  std::size_t wanted;
};

Room room_of(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
             std::size_t index) {
  const Column& column = columns[index];
  const std::size_t least = std::max(display_width(column.title), column.width);
  std::size_t wanted = least;
  for (const TableRow& row : rows) wanted = std::max(wanted, display_width(row.cells[index].text));
  return {column.left ? std::min(wanted, std::max(least, column.keep)) : wanted, wanted};
}

// A column that has nothing to say anywhere, unless it is one that people look for.
bool is_void(const Column& column, const std::vector<TableRow>& rows, std::size_t index) {
  if (column.rank <= 1 || rows.empty()) return false;
  return std::ranges::all_of(rows, [&](const TableRow& row) {
    return row.cells[index].text == "-" || row.cells[index].text.empty();
  });
}

class Layout {
 public:
  Layout(const std::vector<Column>& columns, const std::vector<TableRow>& rows, std::size_t width)
      : columns_(columns) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      rooms_.push_back(room_of(columns, rows, i));
      if (!is_void(columns[i], rows, i)) shown_.push_back(i);
    }
    while (least() > width && leave_out()) {
    }
    give_out(width);
  }

  const std::vector<std::size_t>& shown() const { return shown_; }
  std::size_t width(std::size_t index) const { return rooms_[index].least; }

 private:
  std::size_t least() const {
    const std::size_t gaps = shown_.empty() ? 0 : (shown_.size() - 1) * kGap;
    return std::accumulate(shown_.begin(), shown_.end(), kMargin + gaps,
                           [&](std::size_t sum, std::size_t i) { return sum + rooms_[i].least; });
  }

  // The least important column goes; of several, the last.
  bool leave_out() {
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
  void give_out(std::size_t width) {
    std::size_t left = width - std::min(width, least());
    std::vector<std::size_t> texts = shown_;
    std::ranges::sort(texts, {}, [&](std::size_t i) { return std::pair(columns_[i].rank, i); });
    for (const std::size_t i : texts) {
      const std::size_t more = std::min(rooms_[i].wanted - rooms_[i].least, left);
      rooms_[i].least += more;
      left -= more;
    }
  }

  const std::vector<Column>& columns_;
  std::vector<Room> rooms_;
  std::vector<std::size_t> shown_;
};

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

std::string fitted(const Column& column, std::string_view text, std::size_t width) {
  if (!column.left) return align_right(text, width);
  return align_left(shortened(column.cut, text, width), width);
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

std::string headings(const std::vector<Column>& columns, const Layout& layout, std::size_t width,
                     Palette palette) {
  Line line(width, palette);
  std::size_t space = kMargin;
  for (const std::size_t i : layout.shown()) {
    line.add_space(std::exchange(space, kGap));
    line.add(fitted(columns[i], columns[i].title, layout.width(i)), Tone::kTitle);
  }
  return line.take();
}

std::string row_text(const std::vector<Column>& columns, const Layout& layout, const TableRow& row,
                     std::size_t width, Palette palette) {
  Line line(width, palette);
  line.add(align_left(std::string(1, row.mark), kMargin), row.tone);
  std::size_t space = 0;
  for (const std::size_t i : layout.shown()) {
    line.add_space(std::exchange(space, kGap));
    line.add(fitted(columns[i], row.cells[i].text, layout.width(i)), row.cells[i].tone);
  }
  return line.take();
}

}  // namespace

std::string table_text(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
                       std::size_t width, Palette palette) {
  const Layout layout(columns, rows, width);
  std::string text = headings(columns, layout, width, palette);
  for (const TableRow& row : rows) text += row_text(columns, layout, row, width, palette);
  return text;
}

}  // namespace tcpwatch
