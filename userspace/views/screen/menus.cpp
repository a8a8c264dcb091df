// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "views/screen/panes.h"

namespace tcpwatch {
namespace {

struct Line {
  std::string text;
  Tone tone = Tone::kNormal;
};

constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kKeys{{
    {"1-5, Tab", "the views: workers, listeners, destinations, states, findings"},
    {"Up Down, k j", "move; PgUp PgDn, Home End (g G) as well; the mouse and its wheel"},
    {"Enter", "open the row: a worker's listeners and destinations, and so on"},
    {"Esc", "the filter goes; back; the selection goes"},
    {"/", "search; n: next match"},
    {"\\", "filter: only rows with this in a name, address, reason or pid"},
    {"< >", "sort by the column to the left, to the right; or click on it"},
    {"F6, o", "choose the column to sort by"},
    {"I", "invert the order"},
    {"t", "group workers by process, cgroup, container, name"},
    {"c", "choose columns"},
    {"Space, p", "freeze the picture, go on"},
    {"+ -", "longer, shorter interval"},
    {"s", "save the screen as text, in the current directory"},
    {"w", "write the last two minutes, and what follows, as a capture"},
    {"Left Right", "with --replay: step; g G: ends; n: next begin of trouble; Space: go on"},
    {"q, F10", "quit; Ctrl-C as well"},
    {"C  W", "before a row: a critical finding, a warning speaks of it"},
    {"!  x", "before a row: it loses connections; it has ended"},
    {"~  -", "before a figure: an estimate; instead of one: unavailable here"},
    {"?, F1, h", "this help; any other key leaves it"},
}};

std::vector<Line> help_lines(const Rows& rows, std::size_t width) {
  std::vector<Line> lines{{"KEYS", Tone::kTitle}};
  for (const auto& [key, what] : kKeys) lines.push_back({fmt::format("  {:<14}{}", key, what)});
  lines.push_back({});
  lines.push_back({"COLUMNS of this view", Tone::kTitle});
  for (const ColumnChoice& choice : rows.choices()) {
    std::string text = wrapped_text(fmt::format("  {:<14}", choice.title), choice.help, 16, width,
                                    Tone::kNormal, Palette::kPlain);
    for (std::size_t end = 0; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      lines.push_back({text.substr(0, end), choice.on ? Tone::kNormal : Tone::kDim});
  }
  return lines;
}

// `first` so that the line `at` is among `height`.
std::size_t first_shown(std::size_t at, std::size_t height) {
  return at >= height ? at - height + 1 : 0;
}

}  // namespace

void draw_help(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
               const ViewState& state, Spots& spots) {
  const std::vector<Line> lines = help_lines(rows, frame.width());
  spots.menu_rows = lines.size() - std::min(lines.size(), height) + 1;
  const std::size_t top = std::min(state.menu_at, spots.menu_rows - 1);
  for (std::size_t i = 0; i < height && top + i < lines.size(); ++i)
    frame.put(0, y + i, cut(lines[top + i].text, frame.width()), {lines[top + i].tone});
}

void draw_menu(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
               const ViewState& state, Spots& spots) {
  const bool sort = state.overlay == Overlay::kSort;
  std::vector<Line> lines;
  if (sort) lines.push_back({" worst first"});
  for (const ColumnChoice& choice : rows.choices())
    lines.push_back({sort ? fmt::format(" {}", choice.title)
                          : fmt::format(" [{}] {}", choice.on ? 'x' : ' ', choice.title)});
  spots.menu_rows = lines.size();
  if (height < 3) return;
  constexpr std::size_t kWidth = 20;
  frame.put(0, y, align_left(sort ? " Sort by" : " Columns (Space)", kWidth), {Tone::kBar, true});
  const std::size_t room = height - 1;
  const std::size_t at = std::min(state.menu_at, lines.size() - 1);
  const std::size_t top = first_shown(at, room);
  for (std::size_t i = 0; i < room && top + i < lines.size(); ++i)
    frame.put(0, y + 1 + i, align_left(lines[top + i].text, kWidth - 1) + "│",
              {Tone::kNormal, top + i == at});
}

void draw_footer(Frame& frame, const ViewState& state) {
  const std::size_t y = frame.height() - 1;
  if (state.overlay == Overlay::kSearch || state.overlay == Overlay::kFilter) {
    const std::string_view label = state.overlay == Overlay::kSearch ? "Search: " : "Filter: ";
    const std::size_t used = frame.put(0, y, label, {Tone::kTitle});
    const std::size_t more =
        frame.put(used, y, cut_left(sanitize(state.input), frame.width() - used - 1));
    frame.put(used + more, y, "_", {Tone::kTitle});
    return;
  }
  if (state.overlay == Overlay::kHelp) {
    frame.put(0, y, "Up Down: more of it   any other key: back", {Tone::kWarning});
    return;
  }
  if (!state.notice.empty()) {
    frame.put(0, y, cut(sanitize(state.notice), frame.width()), {Tone::kWarning});
    return;
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kShort{
      {{"?", "help"},
       {"Enter", "open"},
       {"/", "search"},
       {"\\", "filter"},
       {"F6", "sort"},
       {"t", "group"},
       {"Space", "freeze"},
       {"q", "quit"},
       {"c", "columns"},
       {"+-", "interval"},
       {"s", "save"}}};
  std::size_t x = 0;
  for (const auto& [key, what] : kShort) {
    if (x + key.size() + what.size() + 2 > frame.width()) break;
    x += frame.put(x, y, key, {Tone::kBar, true}) + 1;
    x += frame.put(x, y, what) + 1;
  }
}

}  // namespace tcpwatch
