// SPDX-License-Identifier: Apache-2.0
#include "capture/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tcpwatch {

std::uint64_t checksum_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace tcpwatch
