// SPDX-License-Identifier: Apache-2.0
//
// Records of one kind as rows: of each, its time and the 4-byte words that differ from the last
// record with the same key. For counters, of which most stand still, and for kinds that are not
// known. Records are `size` bytes long, a multiple of 8.
#pragma once

#include <cstddef>
#include <span>

#include "capture/bytes.h"
#include "capture/shapes.h"

namespace tcpwatch {

void encode_rows(std::span<const std::byte* const> records, std::size_t size, RowKey key,
                 Bytes& out);

// Fills each of `records`, all but the size and kind of its header. False: the bytes are damaged.
bool decode_rows(ByteReader in, std::size_t size, RowKey key, std::span<std::byte* const> records);

}  // namespace tcpwatch
