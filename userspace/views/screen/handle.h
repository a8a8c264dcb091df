// SPDX-License-Identifier: Apache-2.0
//
// What a key does: from one state to the next, with what was on the screen when it was hit. Pure;
// what reaches out of the screen (to end, to write a file) is told as an action.
#pragma once

#include "views/screen/key.h"
#include "views/screen/page.h"
#include "views/screen/spots.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

enum class ScreenAction { kNone, kQuit, kSave, kCapture };

struct Handled {
  ViewState state;
  ScreenAction action = ScreenAction::kNone;
};

Handled handle(const Key& key, const ViewState& state, const Page& page, const Spots& spots);

}  // namespace tcpwatch
