// SPDX-License-Identifier: Apache-2.0
#include "capture/block_encoder.h"

#include <algorithm>
#include <optional>

#include "capture/checksum.h"
#include "capture/columns.h"
#include "capture/rows.h"
#include "capture/section.h"
#include "events/decode.h"

namespace tcpwatch {

struct BlockEncoder::Section {
  std::uint32_t kind = 0;
  std::uint32_t size = 0;
  std::uint64_t count = 0;
  ColumnsEncoder* columns = nullptr;  // or rows:
  RowKey key;
  std::optional<RowsEncoder> rows;
};

BlockEncoder::BlockEncoder(int level) : packer_(level) {}
BlockEncoder::~BlockEncoder() = default;

void BlockEncoder::end_run() {
  put_run(order_, current_, run_);
  run_ = 0;
}

ColumnsEncoder& BlockEncoder::columns_of(std::uint32_t kind, std::uint32_t size) {
  for (const auto& [known, encoder] : columns_)
    if (known == kind) return *encoder;
  columns_.emplace_back(kind, std::make_unique<ColumnsEncoder>(size, shape_of(kind, size).columns));
  return *columns_.back().second;
}

// To the section of such records. False: there is no room for another one.
bool BlockEncoder::turn_to(std::uint32_t kind, std::uint32_t size) {
  end_run();
  const auto same = [&](const Section& known) { return known.kind == kind && known.size == size; };
  const auto found = std::ranges::find_if(sections_, same);
  current_ = static_cast<std::size_t>(found - sections_.begin());
  if (found != sections_.end()) return true;
  if (sections_.size() == kMostSections) return false;
  const Shape shape = shape_of(kind, size);
  Section& section = sections_.emplace_back();
  section.kind = kind;
  section.size = size;
  section.key = shape.key;
  if (shape.columns.empty())
    section.rows.emplace(size, shape.key);
  else
    section.columns = &columns_of(kind, size);
  return true;
}

void BlockEncoder::add(std::span<const std::byte> record) {
  const tw_header header = header_at(record);
  const auto size = static_cast<std::uint32_t>(record.size());
  if (header_.raw + record.size() > kMostRaw) return;
  if (run_ == 0 || sections_[current_].kind != header.kind || sections_[current_].size != size)
    if (!turn_to(header.kind, size)) return;
  Section& section = sections_[current_];
  if (section.columns != nullptr)
    section.columns->add(record.data());
  else
    section.rows->add(record.data());
  ++section.count;
  ++run_;
  kinds_.add(header.kind);
  const bool first = header_.records++ == 0;
  header_.raw += size;
  header_.first_time =
      first ? header.time : std::min<std::uint64_t>(header_.first_time, header.time);
  header_.last_time = std::max<std::uint64_t>(header_.last_time, header.time);
}

void BlockEncoder::put_section(Section& section) {
  put_varint(body_, section.kind);
  put_varint(body_, section.size);
  put_varint(body_, section.count);
  scratch_.clear();
  if (section.columns != nullptr) {
    put_varint(body_, kColumns);
    section.columns->finish(packer_, scratch_);
  } else {
    put_varint(body_, kRows);
    put_varint(scratch_, section.key.offset);
    put_varint(scratch_, section.key.width);
    packer_.pack(section.rows->rows(), scratch_);
  }
  put_varint(body_, scratch_.size());
  put_bytes(body_, scratch_.data(), scratch_.size());
}

BlockHeader BlockEncoder::finish(BlockType type, Bytes& out) {
  end_run();
  body_.clear();
  put_varint(body_, sections_.size());
  for (Section& section : sections_) put_section(section);
  packer_.pack(order_, body_);
  BlockHeader header = header_;
  header.magic = kBlockMagic;
  header.type = type;
  header.kinds = kinds_.bits();
  header.stored = static_cast<std::uint32_t>(body_.size());
  header.payload_checksum = checksum_of(body_);
  header.checksum = header_checksum(header);
  put_bytes(out, &header, sizeof header);
  put_bytes(out, body_.data(), body_.size());
  header_ = {};
  kinds_ = {};
  sections_.clear();
  order_.clear();
  return header;
}

}  // namespace tcpwatch
