// SPDX-License-Identifier: Apache-2.0
//
// XXH3-64, of bytes and of the fixed structures whose last member is `checksum`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tcpwatch {

std::uint64_t checksum_of(std::span<const std::byte> bytes);

// Of everything before the member.
template <typename T>
std::uint64_t header_checksum(const T& header) {
  return checksum_of(std::as_bytes(std::span(&header, 1)).first(offsetof(T, checksum)));
}

}  // namespace tcpwatch
