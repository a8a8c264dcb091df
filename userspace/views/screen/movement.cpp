// SPDX-License-Identifier: Apache-2.0
#include "views/screen/movement.h"

#include <algorithm>

namespace tcpwatch {
namespace {

constexpr std::size_t kWheelStep = 3;

void move_by(TableState& table, const Page& page, std::size_t by, bool down) {
  const std::size_t from = page.selected;
  select_row(table, page, down ? from + by : from - std::min(from, by));
}

}  // namespace

void select_row(TableState& table, const Page& page, std::size_t row) {
  if (page.rows->size() == 0) return;
  table.at = std::min(row, page.rows->size() - 1);
  table.selected = page.rows->key(table.at);
}

bool select_match(TableState& table, const Page& page, std::string_view text, std::size_t from) {
  const std::size_t size = page.rows->size();
  for (std::size_t step = 0; step < size; ++step) {
    const std::size_t row = (from + step) % size;
    if (!page.rows->matches(row, text)) continue;
    select_row(table, page, row);
    return true;
  }
  return false;
}

bool move_selection(const Key& key, TableState& table, const Page& page, const Spots& spots) {
  using Kind = Key::Kind;
  const std::size_t page_step = std::max<std::size_t>(1, spots.rows);
  const char32_t character = key.kind == Kind::kCharacter ? key.character : 0;
  if (key.kind == Kind::kDown || character == U'j') {
    move_by(table, page, 1, true);
  } else if (key.kind == Kind::kUp || character == U'k') {
    move_by(table, page, 1, false);
  } else if (key.kind == Kind::kPageDown || key.kind == Kind::kPageUp) {
    move_by(table, page, page_step, key.kind == Kind::kPageDown);
  } else if (key.kind == Kind::kWheelDown || key.kind == Kind::kWheelUp) {
    move_by(table, page, kWheelStep, key.kind == Kind::kWheelDown);
  } else if (key.kind == Kind::kHome || character == U'g') {
    table = {.sort = table.sort, .inverted = table.inverted, .toggled = table.toggled};
  } else if (key.kind == Kind::kEnd || character == U'G') {
    select_row(table, page, page.rows->size());
  } else {
    return false;
  }
  return true;
}

void sort_by(TableState& table, std::string_view name) {
  if (!name.empty() && table.sort == name) {
    table.inverted = !table.inverted;
    return;
  }
  table.sort = name;
  table.inverted = false;
}

void sort_beside(TableState& table, const Spots& spots, int step) {
  const auto count = static_cast<int>(spots.headings.size());
  const auto found = std::ranges::find(spots.headings, table.sort, &Spots::Heading::name);
  // Worst first stands before the first column and after the last.
  const int now =
      found == spots.headings.end() ? -1 : static_cast<int>(found - spots.headings.begin());
  int next = now + step;
  if (next < -1) next = count - 1;
  if (next >= count) next = -1;
  table.sort = next < 0 ? "" : spots.headings[static_cast<std::size_t>(next)].name;
  table.inverted = false;
}

bool click(const Key& key, ViewState& state, const Page& page, const Spots& spots) {
  const auto hit = [&](const auto& spot) { return key.x >= spot.begin && key.x < spot.end; };
  if (key.y == spots.tabs_y) {
    const auto tab = std::ranges::find_if(spots.tabs, hit);
    if (tab != spots.tabs.end()) state.view = tab->view;
    return false;
  }
  if (key.y == spots.headings_y) {
    const auto heading = std::ranges::find_if(spots.headings, hit);
    if (heading != spots.headings.end()) sort_by(state.table(), heading->name);
    return false;
  }
  const std::size_t row = spots.top + key.y - spots.rows_y;
  if (key.y < spots.rows_y || key.y >= spots.rows_y + spots.rows || row >= page.rows->size())
    return false;
  const bool again = state.table().selected && page.selected == row;
  select_row(state.table(), page, row);
  return again;
}

}  // namespace tcpwatch
