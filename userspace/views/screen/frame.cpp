// SPDX-License-Identifier: Apache-2.0
#include "views/screen/frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace tcpwatch {
namespace {

// Terminals keep a few marks per character; hundreds on one are an attack, not a name.
constexpr std::size_t kMostBytes = 16;

struct Substitute {
  std::string_view from;
  char to;
};
constexpr std::array<Substitute, 20> kAscii{
    {{"▁", '.'}, {"▂", '.'}, {"▃", ':'}, {"▄", ':'}, {"▅", '+'}, {"▆", '+'}, {"▇", '#'},
     {"█", '#'}, {"▓", '%'}, {"▒", '='}, {"░", '-'}, {"▪", '*'}, {"…", '.'}, {"▲", '^'},
     {"▼", 'v'}, {"─", '-'}, {"›", '>'}, {"·", '.'}, {"│", '|'}, {"×", 'x'}}};

char letter(Style style) {
  constexpr std::string_view kPlain = ".tdgwbh";
  constexpr std::string_view kReverse = "#TDGWBH";
  const auto index = static_cast<std::size_t>(style.tone);
  return style.reverse ? kReverse[index] : kPlain[index];
}

}  // namespace

Frame::Frame(std::size_t width, std::size_t height)
    : width_(width), height_(height), cells_(width * height) {}

void Frame::set(std::size_t x, std::size_t y, std::string_view text, std::size_t columns,
                Style style) {
  FrameCell* cell = &cells_[y * width_ + x];
  const auto blank = [](FrameCell& half) { half.text = " "; };
  // What is left of a wide character that is written over in part.
  if (cell->text.empty() && x > 0) blank(cell[-1]);
  if (x + columns < width_ && cell[columns].text.empty()) blank(cell[columns]);
  cell->text = text;
  cell->style = style;
  if (columns == 2) cell[1] = {"", style};
}

std::size_t Frame::put(std::size_t x, std::size_t y, std::string_view text, Style style,
                       std::size_t room) {
  if (y >= height_ || x >= width_) return 0;
  const std::size_t end = room < width_ - x ? x + room : width_;
  const std::size_t start = x;
  FrameCell* last = nullptr;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const std::string_view glyph = text.substr(0, point.length);
    text.remove_prefix(point.length);
    const bool shown = point.valid && !is_treacherous(point.value);
    const auto columns = static_cast<std::size_t>(shown ? columns_of(point.value) : 1);
    if (columns == 0) {
      if (last && last->text.size() + glyph.size() <= kMostBytes) last->text += glyph;
      continue;
    }
    if (x + columns > end) break;
    set(x, y, shown ? glyph : "?", columns, style);
    last = &cells_[y * width_ + x];
    x += columns;
  }
  return x - start;
}

void Frame::reverse(std::size_t y) {
  if (y >= height_) return;
  for (std::size_t x = 0; x < width_; ++x) {
    Style& style = cells_[y * width_ + x].style;
    style.reverse = !style.reverse;
  }
}

void Frame::fill(std::size_t y, Style style) {
  if (y >= height_) return;
  std::fill_n(cells_.begin() + static_cast<std::ptrdiff_t>(y * width_), width_,
              FrameCell{" ", style});
}

bool Frame::same_line(const Frame& other, std::size_t y) const {
  const auto begin = static_cast<std::ptrdiff_t>(y * width_);
  const auto end = begin + static_cast<std::ptrdiff_t>(width_);
  return std::equal(cells_.begin() + begin, cells_.begin() + end, other.cells_.begin() + begin);
}

std::string Frame::text() const {
  std::string out;
  for (std::size_t y = 0; y < height_; ++y) {
    for (std::size_t x = 0; x < width_; ++x) out += at(x, y).text;
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
  }
  return out;
}

std::string Frame::styles() const {
  std::string out;
  for (std::size_t y = 0; y < height_; ++y) {
    for (std::size_t x = 0; x < width_; ++x) out += letter(at(x, y).style);
    out += '\n';
  }
  return out;
}

std::string in_ascii(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const auto known = std::ranges::find_if(
        kAscii, [&](const Substitute& mark) { return text.starts_with(mark.from); });
    plain += known == kAscii.end() ? text.front() : known->to;
    text.remove_prefix(known == kAscii.end() ? 1 : known->from.size());
  }
  return plain;
}

Frame in_ascii(const Frame& frame) {
  Frame plain(frame.width(), frame.height());
  for (std::size_t y = 0; y < frame.height(); ++y) {
    for (std::size_t x = 0; x < frame.width(); ++x) {
      const FrameCell& cell = frame.at(x, y);
      const auto known = std::ranges::find(kAscii, std::string_view(cell.text), &Substitute::from);
      const bool ascii = cell.text.size() == 1;
      const char shown = known != kAscii.end() ? known->to : ascii ? cell.text.front() : '?';
      plain.put(x, y, std::string_view(&shown, 1), cell.style);
    }
  }
  return plain;
}

}  // namespace tcpwatch
