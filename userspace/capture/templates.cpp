// SPDX-License-Identifier: Apache-2.0
#include "capture/templates.h"

#include <cstring>

#include "capture/checksum.h"

namespace tcpwatch {

Templates::Templates(std::size_t size, std::span<const Column> columns)
    : columns_(columns), bare_(size) {}

std::uint32_t Templates::index_of(const std::byte* record) {
  std::memcpy(bare_.data(), record, bare_.size());
  for (const Column& column : columns_) std::memset(bare_.data() + column.offset, 0, column.width);
  const std::uint64_t hash = checksum_of(bare_);
  const auto known = by_hash_.find(hash);
  if (known != by_hash_.end() &&
      std::memcmp(templates_[known->second], bare_.data(), bare_.size()) == 0)
    return known->second;
  const auto index = static_cast<std::uint32_t>(templates_.size());
  by_hash_.try_emplace(hash, index);  // of two with the same hash, the second is told each time
  templates_.push_back(memory_.emplace_back(bare_).data());
  return index;
}

}  // namespace tcpwatch
