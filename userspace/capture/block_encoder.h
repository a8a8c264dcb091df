// SPDX-License-Identifier: Apache-2.0
//
// Records to a block, one by one as they come: none is kept, only what a block will say of it. A
// block is independent of all others; in it, the records of each kind are a section of their own,
// and the order of all is told apart from them, so that a reader takes the kinds it wants and
// unpacks no others. One owner, one thread; memory is kept between blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "capture/bytes.h"
#include "capture/format.h"
#include "capture/kinds.h"
#include "capture/pack.h"

namespace tcpwatch {

class ColumnsEncoder;

class BlockEncoder {
 public:
  explicit BlockEncoder(int level = Packer::kLevel);
  ~BlockEncoder();

  // One whole record. What is beyond kMostRaw bytes or kMostSections kinds is left out.
  void add(std::span<const std::byte> record);
  bool empty() const { return header_.records == 0; }
  std::size_t raw() const { return header_.raw; }  // bytes of records so far
  // Appends header and payload to `out`; returns the header as it was written.
  BlockHeader finish(BlockType type, Bytes& out);

 private:
  struct Section;

  bool turn_to(std::uint32_t kind, std::uint32_t size);
  ColumnsEncoder& columns_of(std::uint32_t kind, std::uint32_t size);
  void end_run();
  void put_section(Section& section);

  Packer packer_;
  BlockHeader header_{};
  Kinds kinds_;
  std::vector<Section> sections_;
  std::size_t current_ = 0;
  std::uint64_t run_ = 0;  // records of it so far, one after another
  // By kind: those that have a shape with columns are few, and what they need is large.
  std::vector<std::pair<std::uint32_t, std::unique_ptr<ColumnsEncoder>>> columns_;
  Bytes order_;
  Bytes scratch_;
  Bytes body_;
};

}  // namespace tcpwatch
