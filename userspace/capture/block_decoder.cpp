// SPDX-License-Identifier: Apache-2.0
#include "capture/block_decoder.h"

#include <cstring>

#include "capture/columns.h"
#include "capture/rows.h"
#include "capture/section.h"
#include "events/decode.h"

namespace tcpwatch {

bool BlockDecoder::read_sections(ByteReader& in, const BlockHeader& header, Kinds wanted) {
  sections_.resize(static_cast<std::size_t>(in.varint(kMostSections)));
  std::uint64_t records = 0;
  std::uint64_t raw = 0;
  for (Section& section : sections_) {
    section.kind = static_cast<std::uint32_t>(in.varint(0xffff));
    section.size = static_cast<std::uint32_t>(in.varint(kMostRaw));
    section.count = static_cast<std::size_t>(in.varint(kMostRaw));
    section.codec = in.varint();
    section.body = in.take(static_cast<std::size_t>(in.varint(kMostStored)));
    section.wanted = wanted.has(section.kind);
    if (in.failed() || section.size < sizeof(tw_header) || section.size % 8 != 0) return false;
    records += section.count;
    raw += std::uint64_t{section.count} * section.size;
    if (raw > kMostRaw) return false;
  }
  return records == header.records && raw == header.raw;
}

// Where each wanted record goes: the order first, so that sections are decoded into their places.
bool BlockDecoder::place_records(ByteReader order, std::span<std::byte> room) {
  std::vector<std::size_t> seen(sections_.size());
  std::byte* place = room.data();
  while (order.left() > 0) {
    const auto which = static_cast<std::size_t>(order.varint());
    const auto run = static_cast<std::size_t>(order.varint());
    if (order.failed() || which >= sections_.size()) return false;
    Section& section = sections_[which];
    if (run > section.count - seen[which]) return false;
    seen[which] += run;
    for (std::size_t i = 0; section.wanted && i < run; ++i, place += section.size)
      section.places.push_back(place);
  }
  for (std::size_t i = 0; i < sections_.size(); ++i)
    if (seen[i] != sections_[i].count) return false;
  return true;
}

bool BlockDecoder::decode_section(Section& section) {
  ByteReader in(section.body);
  if (section.codec == kColumns) {
    if (!decode_columns(in, section.size, kMostRaw, unpacker_, section.places)) return false;
  } else if (section.codec == kRows) {
    RowKey key;
    key.offset = static_cast<std::uint32_t>(in.varint(section.size));
    key.width = static_cast<std::uint32_t>(in.varint(8));
    const auto rows = unpacker_.unpack(in, 2 * kMostRaw, rows_);
    if (!in.complete() || !decode_rows(ByteReader(rows), section.size, key, section.places))
      return false;
  } else {
    return false;
  }
  const tw_header header{section.size, static_cast<__u16>(section.kind), 0, 0};
  for (std::byte* record : section.places) std::memcpy(record, &header, offsetof(tw_header, zero));
  return true;
}

Result<> BlockDecoder::decode(const BlockHeader& header, std::span<const std::byte> payload,
                              Kinds wanted, RecordBatch& out) {
  const Error damaged{ErrorKind::kBadInput, "a block of the capture cannot be read", ""};
  ByteReader in(payload);
  if (!read_sections(in, header, wanted)) return damaged;
  const auto order = unpacker_.unpack(in, 2 * kMostRaw, order_);
  if (!in.complete()) return damaged;
  std::size_t size = 0;
  for (Section& section : sections_) {
    section.places.clear();
    if (section.wanted) size += section.count * section.size;
  }
  const std::size_t before = out.bytes().size();
  if (!place_records(ByteReader(order), out.append_space(size))) {
    out.resize(before);
    return damaged;
  }
  for (Section& section : sections_)
    if (section.wanted && !decode_section(section)) {
      out.resize(before);
      return damaged;
    }
  return Ok{};
}

}  // namespace tcpwatch
