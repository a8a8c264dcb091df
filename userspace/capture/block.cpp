// SPDX-License-Identifier: Apache-2.0
#include "capture/block.h"

#include <algorithm>
#include <cstring>

#include "capture/checksum.h"
#include "capture/columns.h"
#include "capture/rows.h"
#include "capture/section.h"
#include "events/decode.h"

namespace tcpwatch {
namespace {

tw_header header_at(const std::byte* record) {
  tw_header header{};
  std::memcpy(&header, record, sizeof header);
  return header;
}

}  // namespace

std::size_t BlockEncoder::section_of(std::uint32_t kind, std::uint32_t size) {
  const auto same = [&](const Section& known) { return known.kind == kind && known.size == size; };
  const auto found = std::ranges::find_if(sections_, same);
  if (found != sections_.end()) return static_cast<std::size_t>(found - sections_.begin());
  sections_.push_back({kind, size, {}});
  return sections_.size() - 1;
}

void BlockEncoder::sort_out(std::span<const std::byte> records, BlockHeader& header) {
  sections_.clear();
  order_.clear();
  Kinds kinds;
  std::size_t current = 0;
  std::uint64_t run = 0;
  header.first_time = ~std::uint64_t{0};
  while (const std::size_t size = record_size(records)) {
    const tw_header record = header_at(records.data());
    if (header.raw + size > kMostRaw || sections_.size() == kMostSections) break;
    if (run == 0 || sections_[current].kind != record.kind ||
        sections_[current].size != record.size) {
      put_run(order_, current, run);
      run = 0;
      current = section_of(record.kind, record.size);
    }
    ++run;
    sections_[current].records.push_back(records.data());
    kinds.add(record.kind);
    ++header.records;
    header.raw += record.size;
    header.first_time = std::min<std::uint64_t>(header.first_time, record.time);
    header.last_time = std::max<std::uint64_t>(header.last_time, record.time);
    records = records.subspan(size);
  }
  put_run(order_, current, run);
  if (header.records == 0) header.first_time = 0;
  header.kinds = kinds.bits();
}

void BlockEncoder::put_section(const Section& section, Bytes& out) {
  const Shape shape = shape_of(section.kind, section.size);
  put_varint(out, section.kind);
  put_varint(out, section.size);
  put_varint(out, section.records.size());
  scratch_.clear();
  if (shape.columns.empty()) {
    put_varint(out, kRows);
    Bytes rows;
    encode_rows(section.records, section.size, shape.key, rows);
    put_varint(scratch_, shape.key.offset);
    put_varint(scratch_, shape.key.width);
    packer_.pack(rows, scratch_);
  } else {
    put_varint(out, kColumns);
    encode_columns(section.records, section.size, shape.columns, ports_, packer_, scratch_);
  }
  put_varint(out, scratch_.size());
  put_bytes(out, scratch_.data(), scratch_.size());
}

BlockHeader BlockEncoder::encode(BlockType type, std::span<const std::byte> records, Bytes& out) {
  BlockHeader header{};
  header.magic = kBlockMagic;
  header.type = type;
  sort_out(records, header);
  body_.clear();
  put_varint(body_, sections_.size());
  for (const Section& section : sections_) put_section(section, body_);
  packer_.pack(order_, body_);
  header.stored = static_cast<std::uint32_t>(body_.size());
  header.payload_checksum = checksum_of(body_);
  header.checksum = header_checksum(header);
  put_bytes(out, &header, sizeof header);
  put_bytes(out, body_.data(), body_.size());
  return header;
}

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
