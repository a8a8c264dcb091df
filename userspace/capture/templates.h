// SPDX-License-Identifier: Apache-2.0
//
// The different records of a section, their columns left out, in the order of their appearance.
// They are compared word by word where they are: a record is looked at once, and not copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "capture/bytes.h"
#include "capture/flat_index.h"
#include "capture/shapes.h"

namespace tcpwatch {

class Templates {
 public:
  Templates(std::size_t size, std::span<const Column> columns);

  std::uint32_t index_of(const std::byte* record);
  std::size_t count() const { return templates_.size(); }
  std::span<const std::byte* const> all() const { return templates_; }
  void clear();

 private:
  // A word of eight bytes that is not all columns, and what of it is none.
  struct Word {
    std::size_t offset;
    std::uint64_t mask;
    std::uint64_t factor;  // of the hash
  };

  bool is_like(const std::byte* record, const std::byte* known) const;
  void add(const std::byte* record);

  std::size_t size_;
  std::vector<Word> words_;
  FlatIndex by_hash_;
  std::deque<Bytes> memory_;
  std::vector<const std::byte*> templates_;
};

}  // namespace tcpwatch
