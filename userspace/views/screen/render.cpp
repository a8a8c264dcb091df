// SPDX-License-Identifier: Apache-2.0
#include "views/screen/render.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "views/screen/panes.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kLeastWidth = 40;
constexpr std::size_t kLeastHeight = 10;
constexpr std::size_t kRoomForDetails = 36;  // lines from which the selected row is always told
constexpr std::size_t kLeastDetails = 3;

// Sentences for the place where rows would be.
void draw_sentence(Frame& frame, std::size_t y, std::string_view text) {
  for (const std::string& line : wrapped_lines(text, frame.width() - 2, frame.height()))
    frame.put(2, y++, line, {Tone::kDim});
}

struct Body {
  Frame& frame;
  const ViewState& state;
  const Page& page;
  Spots& spots;
  std::size_t end = 0;  // the line of the footer

  std::size_t left(std::size_t y) const { return end - std::min(end, y); }

  // Of a finding everything, as far as there is room beside a few rows: it is what was asked for.
  std::size_t lines_about(std::size_t lines) const {
    if (page.title.empty()) return lines;
    if (state.path.back().kind != Opened::Kind::kFinding)
      return std::max<std::size_t>(2, lines / 4);
    return lines - std::min(lines / 2, page.rows->size() + 2);
  }

  // What is known of the opened row, and the second table.
  std::size_t opened(std::size_t y) const {
    if (state.path.empty()) return y;
    y = draw_items(frame, y, page.about, lines_about(left(y)));
    if (page.beside) {
      // What the other table leaves, and a fifth at least.
      const std::size_t taken = page.rows->size() + 6;
      const std::size_t room = std::max<std::size_t>(left(y) - std::min(left(y), taken), 1);
      const std::size_t rows = std::min(page.beside->size(), std::max(room, left(y) / 5));
      if (left(y) > rows + 5) {
        frame.put(0, y++, page.beside_title, {Tone::kTitle});
        draw_table(frame, y, rows + 1, *page.beside, {}, 0, nullptr);
        y += rows + 1;
      }
    }
    if (!page.title.empty()) frame.put(0, y++, page.title, {Tone::kTitle});
    return y;
  }

  void table(std::size_t y) const {
    if (!state.path.empty() && page.title.empty()) return;  // of nobody: a finding of the host
    std::size_t height = left(y);
    const std::size_t rows = page.rows->size();
    if (state.path.empty() && rows != 0) {
      // Below the rows, if they leave room for it; a high screen keeps some of it free.
      const std::size_t free = height - std::min(height, rows + 2);
      const bool high = frame.height() >= kRoomForDetails && height > 16;
      // Of a finding as much as there is room for: it is for its sentences that one comes here.
      const std::size_t most = state.view == View::kFindings ? height : frame.height() / 3;
      const std::size_t lines = std::clamp<std::size_t>(free, high ? 6 : 0, most);
      if (lines >= kLeastDetails) {
        height -= lines;
        frame.put(0, y + height, "SELECTED", {Tone::kTitle});
        draw_items(frame, y + height + 1, page.rows->details(page.selected), lines - 1);
      }
    }
    draw_table(frame, y, height, *page.rows, state.table(), page.selected, &spots);
    if (page.rows->size() == 0) draw_sentence(frame, y + 1, page.empty);
  }
};

}  // namespace

std::size_t draw_items(Frame& frame, std::size_t y, const std::vector<FlowItem>& items,
                       std::size_t lines) {
  constexpr std::size_t kIndent = 2;
  constexpr std::size_t kBetween = 3;
  const std::size_t end = y + lines;
  std::size_t x = kIndent;
  bool ended = false;  // the line, after a sentence
  for (const FlowItem& item : items) {
    const bool fits = x + display_width(item.text) <= frame.width();
    if (x > kIndent && (ended || item.alone || !fits)) {
      ++y;
      x = kIndent;
    }
    if (y >= end) return end;
    const auto told = wrapped_lines(item.text, frame.width() - x, end - y);
    ended = item.alone || told.size() > 1;
    for (const std::string& line : told) {
      if (&line != told.data()) ++y, x = kIndent;
      x += frame.put(x, y, line, {item.tone}) + kBetween;
    }
  }
  return items.empty() ? y : y + 1;
}

Picture render(const Scene& scene, const ViewState& state, const Page& page) {
  Picture picture{Frame(state.width, state.height), {}};
  Frame& frame = picture.frame;
  if (state.width < kLeastWidth || state.height < kLeastHeight) {
    frame.put(0, 0, "tcpwatch: window too small");
    return picture;
  }
  std::size_t y = draw_header(frame, scene, state);
  Body body{frame, state, page, picture.spots, frame.height() - 1};
  draw_tabs(frame, y, scene, state, page, picture.spots);
  ++y;
  if (state.overlay == Overlay::kHelp) {
    draw_help(frame, y, body.left(y), *page.rows, state, picture.spots);
  } else {
    body.table(body.opened(y));
    if (state.overlay == Overlay::kSort || state.overlay == Overlay::kColumns)
      draw_menu(frame, y, body.left(y), *page.rows, state, picture.spots);
  }
  draw_footer(frame, state);
  return picture;
}

}  // namespace tcpwatch
