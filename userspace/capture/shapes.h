// SPDX-License-Identifier: Apache-2.0
//
// How records of each kind are written, as data. A file says for itself how each section was
// written, so that a reader needs no shape: a kind without one is written as rows without a key.
#pragma once

#include <cstdint>
#include <span>

#include "tcpwatch/abi.h"

namespace tcpwatch {

// Where a record says what it is about: its difference to the last one with the same key is small.
struct RowKey {
  std::uint32_t offset = 0;
  std::uint32_t width = 0;  // 4 or 8; 0: there is no key
};

// How a column's number is told.
enum class How : std::uint8_t {
  kTime = 1,    // against the record before
  kNumber = 2,  // against the last one of the same context
  kPort = 3,    // the same; or as one that another column had lately: the other end of a connection
  kIdent = 4,   // as the n-th of its kind; from here on it is the context
};

struct Column {
  std::uint16_t offset;
  std::uint8_t width;  // 1, 2, 4 or 8
  How how;
};

struct Shape {
  RowKey key;
  std::span<const Column> columns;  // empty: written as rows
};

Shape shape_of(std::uint32_t kind, std::uint32_t size);

}  // namespace tcpwatch
