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
constexpr std::size_t kRoomForDetails = 36;  // lines from which the selected row is told in full

// Sentences for the place where rows would be.
void draw_sentence(Frame& frame, std::size_t y, std::string_view text) {
  const std::string lines =
      wrapped_text("  ", text, 2, frame.width(), Tone::kNormal, Palette::kPlain);
  std::string_view rest = lines;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    frame.put(0, y++, rest.substr(0, end), {Tone::kDim});
    rest.remove_prefix(end + 1);
  }
}

struct Body {
  Frame& frame;
  const ViewState& state;
  const Page& page;
  Spots& spots;
  std::size_t end = 0;  // the line of the footer

  std::size_t left(std::size_t y) const { return end - std::min(end, y); }

  // What is known of the opened row, and the second table.
  std::size_t opened(std::size_t y) const {
    if (state.path.empty()) return y;
    y = draw_items(frame, y, page.about, std::max<std::size_t>(2, left(y) / 4));
    if (page.beside) {
      const std::size_t rows = std::min(page.beside->size(), std::max<std::size_t>(1, left(y) / 5));
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
    std::size_t height = left(y);
    const bool details = state.path.empty() && frame.height() >= kRoomForDetails &&
                         page.rows->size() != 0 && height > 16;
    if (details) {
      height -= 6;
      const std::size_t below = y + height;
      frame.put(0, below, "SELECTED", {Tone::kTitle});
      draw_items(frame, below + 1, page.rows->details(page.selected), 5);
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
  std::size_t x = kIndent;
  for (const FlowItem& item : items) {
    const std::size_t width = display_width(item.text);
    if (x > kIndent && x + width > frame.width()) {
      if (--lines == 0) break;
      ++y;
      x = kIndent;
    }
    x += frame.put(x, y, cut(item.text, frame.width() - x), {item.tone}) + kBetween;
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
