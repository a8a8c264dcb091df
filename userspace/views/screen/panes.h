// SPDX-License-Identifier: Apache-2.0
//
// The parts of the screen, each drawn onto a frame from a line on. Those whose height depends on
// what they hold return the line below them. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "views/screen/frame.h"
#include "views/screen/page.h"
#include "views/screen/scene.h"
#include "views/screen/spots.h"

namespace tcpwatch {

// Title, totals with their last minute, worst queue, sockets by state, worst finding, coverage.
std::size_t draw_header(Frame& frame, const Scene& scene, const ViewState& state);

// One line: the views and how many rows each has, or what was opened.
void draw_tabs(Frame& frame, std::size_t y, const Scene& scene, const ViewState& state,
               const Page& page, Spots& spots);

// Labelled items, wrapped, in at most `lines` lines.
std::size_t draw_items(Frame& frame, std::size_t y, const std::vector<FlowItem>& items,
                       std::size_t lines);

// Column headings and rows in `height` lines. Spots are told if the table is the one that keys move
// in.
void draw_table(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
                const TableState& table, std::size_t selected, Spots* spots);

// Menus lie above the table, help in place of it.
void draw_help(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
               const ViewState& state, Spots& spots);
void draw_menu(Frame& frame, std::size_t y, std::size_t height, const Rows& rows,
               const ViewState& state, Spots& spots);

// The last line: a prompt, a notice, or the keys.
void draw_footer(Frame& frame, const ViewState& state);

}  // namespace tcpwatch
