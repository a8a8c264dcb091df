// SPDX-License-Identifier: Apache-2.0
//
// What the body of the screen holds for one scene and state: the rows of the table in order and,
// where a row was opened, what is known of it. Refers to the scene. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "views/screen/rows.h"
#include "views/screen/scene.h"

namespace tcpwatch {

struct Page {
  std::unique_ptr<Rows> rows;    // never null
  std::string title;             // of the table, where a row was opened
  std::vector<FlowItem> about;   // fields of what was opened
  std::unique_ptr<Rows> beside;  // a second, fixed table; may be null
  std::string beside_title;
  std::string empty;                  // what to say where there are no rows
  std::size_t selected = 0;           // the row that the state selects, if there are any
  std::optional<Opened::Kind> opens;  // what Enter makes of a row; nothing: there is no more to see
};

Page compose(const Scene& scene, const ViewState& state);

}  // namespace tcpwatch
