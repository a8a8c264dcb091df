// SPDX-License-Identifier: Apache-2.0
//
// The page of one row: a worker with its listeners and destinations, a listener with its owners, a
// destination with its workers, a group with its members. Pure.
#pragma once

#include "views/screen/page.h"

namespace tcpwatch {

Page opened_page(const Scene& scene, const ViewState& state);

// What Enter opens on a row of this page; nothing where there is no more to see.
std::optional<Opened> opening(const Page& page);

}  // namespace tcpwatch
