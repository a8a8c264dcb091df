// SPDX-License-Identifier: Apache-2.0
//
// Records of one kind as rows: of each, its time and the 4-byte words that differ from the last
// record with the same key. For counters, of which most stand still, and for kinds that are not
// known. Records are `size` bytes long, a multiple of 8.
#pragma once

#include <cstddef>
#include <span>

#include "capture/bytes.h"
#include "capture/flat_index.h"
#include "capture/shapes.h"

namespace tcpwatch {

class RowsEncoder {
 public:
  RowsEncoder(std::size_t size, RowKey key) : size_(size), key_(key) {}

  void add(const std::byte* record);
  const Bytes& rows() const { return rows_; }

 private:
  std::size_t size_;
  RowKey key_;
  Bytes rows_;
  FlatIndex slots_;
  Bytes last_;  // of each slot
  std::size_t count_ = 0;
  std::uint64_t before_ = 0;
};

// Fills each of `records`, all but the size and kind of its header. False: the bytes are damaged.
bool decode_rows(ByteReader in, std::size_t size, RowKey key, std::span<std::byte* const> records);

}  // namespace tcpwatch
