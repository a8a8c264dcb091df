// SPDX-License-Identifier: Apache-2.0
//
// How the selection moves, and what the mouse hits. Pure.
#pragma once

#include <string_view>

#include "views/screen/key.h"
#include "views/screen/page.h"
#include "views/screen/spots.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

void select_row(TableState& table, const Page& page, std::size_t row);

// The next row with this text, from `from` on and around; false: there is none.
bool select_match(TableState& table, const Page& page, std::string_view text, std::size_t from);

// True if the key was one that moves.
bool move_selection(const Key& key, TableState& table, const Page& page, const Spots& spots);

// Sorts by the column, or the other way round if it is that already.
void sort_by(TableState& table, std::string_view name);
// The column to the right (+1) or left (-1) of the present one; beyond the last: worst first.
void sort_beside(TableState& table, const Spots& spots, int step);

// The mouse: tabs, headings, rows. A click on the selected row opens it: true.
bool click(const Key& key, ViewState& state, const Page& page, const Spots& spots);

}  // namespace tcpwatch
