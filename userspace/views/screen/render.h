// SPDX-License-Identifier: Apache-2.0
//
// The screen as a pure function: the same scene and state give the same cells, live, from a capture
// and in tests.
#pragma once

#include "views/screen/frame.h"
#include "views/screen/page.h"
#include "views/screen/scene.h"
#include "views/screen/spots.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

struct Picture {
  Frame frame;
  Spots spots;
};

Picture render(const Scene& scene, const ViewState& state, const Page& page);

}  // namespace tcpwatch
