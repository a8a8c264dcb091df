// SPDX-License-Identifier: Apache-2.0
//
// What makes a record of each kind valid, as data: its size, its texts (which must end in NUL) and
// its numbers with bounds. Fields named zero are not looked at: a later version may use them. For
// decode.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/record.h"

namespace tcpwatch {

struct TextField {
  std::uint32_t offset;
  std::uint32_t size;
  std::string_view name;
};

struct BoundedField {
  std::uint32_t offset;
  std::uint32_t size;  // 1, 2 or 4 bytes
  std::uint32_t low;
  std::uint32_t high;  // included
  std::string_view name;
};

struct Layout {
  std::uint32_t size = 0;  // 0: no such kind
  std::span<const TextField> texts;
  std::span<const BoundedField> bounds;
  Record (*view)(const std::byte*) = nullptr;
};

// The layout of a kind; nullptr where this version knows none.
const Layout* layout_of(std::uint32_t kind);

}  // namespace tcpwatch
