// SPDX-License-Identifier: Apache-2.0
//
// Connections by state as one bar with its legend: each state has a fill of its own, so that it
// reads without colour as well. Pure.
#pragma once

#include "model/snapshot.h"
#include "views/screen/frame.h"

namespace tcpwatch {

// On line `y`: the label, then from column `x` on bar and legend.
void draw_states_bar(Frame& frame, std::size_t y, std::size_t x, const Snapshot& snapshot);

}  // namespace tcpwatch
