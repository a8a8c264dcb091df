// SPDX-License-Identifier: Apache-2.0
//
// Numbers of the block's payload. For block_encoder.cpp and block_decoder.cpp alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capture/bytes.h"

namespace tcpwatch {

inline constexpr std::size_t kMostSections = 256;

// How a section is written.
inline constexpr std::uint64_t kRows = 1;
inline constexpr std::uint64_t kColumns = 2;

inline void put_run(Bytes& order, std::size_t section, std::uint64_t run) {
  if (run == 0) return;
  put_varint(order, section);
  put_varint(order, run);
}

}  // namespace tcpwatch
