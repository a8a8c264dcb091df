// SPDX-License-Identifier: Apache-2.0
//
// How far to skip after a record that decode() refused. The decoder itself is declared in
// events/record.h.
#pragma once

#include <cstddef>
#include <span>

namespace tcpwatch {

// The size that the record at the start of `bytes` claims, if one can go on from there: at least a
// header, a multiple of 8, not beyond the end. 0: nothing behind it can be found.
std::size_t record_size(std::span<const std::byte> bytes);

}  // namespace tcpwatch
