// SPDX-License-Identifier: Apache-2.0
//
// The different records of a section, their columns left out, in the order of their appearance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "capture/bytes.h"
#include "capture/shapes.h"

namespace tcpwatch {

class Templates {
 public:
  Templates(std::size_t size, std::span<const Column> columns);

  std::uint32_t index_of(const std::byte* record);
  std::size_t count() const { return templates_.size(); }
  std::span<const std::byte* const> all() const { return templates_; }

 private:
  std::span<const Column> columns_;
  Bytes bare_;  // the record at hand without its columns
  std::unordered_map<std::uint64_t, std::uint32_t> by_hash_;
  std::deque<Bytes> memory_;
  std::vector<const std::byte*> templates_;
};

}  // namespace tcpwatch
