// SPDX-License-Identifier: Apache-2.0
//
// `top --batch`: one interval as text for people. First what happens in sum and what is not exact,
// then the tables, worst rows first. "~" stands before an estimate, "-" for what is unavailable,
// "!" before a row that loses connections, "x" before one that has ended. No line is wider than
// `width`. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "model/snapshot.h"
#include "views/palette.h"

namespace tcpwatch {

struct BatchStyle {
  std::size_t width = 80;
  std::size_t rows = 10;  // of each table; 0: all
  Palette palette = Palette::kPlain;
};

// Ends in a newline.
std::string batch_text(const Snapshot& snapshot, const BatchStyle& style);

// Only what stands above the tables.
std::string batch_header(const Snapshot& snapshot, const BatchStyle& style);

}  // namespace tcpwatch
