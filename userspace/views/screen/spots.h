// SPDX-License-Identifier: Apache-2.0
//
// Where on a picture things are that a mouse can hit or a key refers to.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "views/screen/view_state.h"

namespace tcpwatch {

struct Spots {
  struct Tab {
    std::size_t begin, end;  // columns
    View view;
  };
  struct Heading {
    std::size_t begin, end;
    std::string_view name;  // of the field
  };
  std::size_t tabs_y = 0;
  std::vector<Tab> tabs;
  std::size_t headings_y = 0;
  std::vector<Heading> headings;
  std::size_t rows_y = 0;
  std::size_t rows = 0;       // that there is room for
  std::size_t top = 0;        // the first of them
  std::size_t menu_rows = 1;  // of the menu or text that lies above the table
};

}  // namespace tcpwatch
