// SPDX-License-Identifier: Apache-2.0
//
// A block back to records. Trusts no length that it reads. One owner, one thread; memory is kept
// between blocks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/bytes.h"
#include "capture/format.h"
#include "capture/kinds.h"
#include "capture/pack.h"
#include "events/batch.h"

namespace tcpwatch {

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
