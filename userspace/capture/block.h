// SPDX-License-Identifier: Apache-2.0
//
// Records to blocks and back. A block is independent of all others; in it, the records of each kind
// are a section of their own, and the order of all is told apart from them, so that a reader takes
// the kinds it wants and unpacks no others. One owner, one thread; memory is kept between blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "capture/bytes.h"
#include "capture/format.h"
#include "capture/kinds.h"
#include "capture/pack.h"
#include "capture/recent_ports.h"
#include "events/batch.h"

namespace tcpwatch {

class BlockEncoder {
 public:
  explicit BlockEncoder(int level = Packer::kLevel) : packer_(level) {}

  // `records`: whole records, at most kMostRaw bytes and kMostSections kinds; what is beyond that
  // is left out. Appends header and payload to `out`; returns the header as it was written.
  BlockHeader encode(BlockType type, std::span<const std::byte> records, Bytes& out);

 private:
  struct Section {
    std::uint32_t kind = 0;
    std::uint32_t size = 0;
    std::vector<const std::byte*> records;
  };

  void sort_out(std::span<const std::byte> records, BlockHeader& header);
  std::size_t section_of(std::uint32_t kind, std::uint32_t size);
  void put_section(const Section& section, Bytes& out);

  Packer packer_;
  WrittenPorts ports_;
  std::vector<Section> sections_;
  Bytes order_;
  Bytes scratch_;
  Bytes body_;
};

class BlockDecoder {
 public:
  // Appends the records of the wanted kinds to `out`, in their order. The checksums were right.
  Result<> decode(const BlockHeader& header, std::span<const std::byte> payload, Kinds wanted,
                  RecordBatch& out);

 private:
  struct Section {
    std::uint32_t kind = 0;
    std::uint32_t size = 0;
    std::size_t count = 0;
    std::uint64_t codec = 0;
    bool wanted = false;
    std::span<const std::byte> body;
    std::vector<std::byte*> places;
  };

  bool read_sections(ByteReader& in, const BlockHeader& header, Kinds wanted);
  bool place_records(ByteReader order, std::span<std::byte> room);
  bool decode_section(Section& section);

  Unpacker unpacker_;
  std::vector<Section> sections_;
  std::vector<std::pair<std::size_t, std::size_t>> runs_;
  Bytes order_;
  Bytes rows_;
};

}  // namespace tcpwatch
