// SPDX-License-Identifier: Apache-2.0
//
// What can be told of a record without decoding it: its header, and how far to skip to the next
// one. The decoder itself is declared in events/record.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "tcpwatch/abi.h"

namespace tcpwatch {

// The size that the record at the start of `bytes` claims, if one can go on from there: at least a
// header, a multiple of 8, not beyond the end. 0: nothing behind it can be found.
inline std::size_t record_size(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(tw_header)) return 0;
  std::uint32_t size = 0;
  std::memcpy(&size, bytes.data() + offsetof(tw_header, size), sizeof size);
  const bool good = size >= sizeof(tw_header) && size % 8 == 0 && size <= bytes.size();
  return good ? size : 0;
}

// Of a record that holds one at least.
inline tw_header header_at(std::span<const std::byte> record) {
  tw_header header{};
  std::memcpy(&header, record.data(), sizeof header);
  return header;
}

}  // namespace tcpwatch
