// SPDX-License-Identifier: Apache-2.0
//
// Keys while a prompt, a menu or the help is open. Pure.
#pragma once

#include "views/screen/key.h"
#include "views/screen/page.h"
#include "views/screen/spots.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

void handle_overlay(const Key& key, ViewState& state, const Page& page, const Spots& spots);

}  // namespace tcpwatch
