// SPDX-License-Identifier: Apache-2.0
#include "capture/columns.h"

#include <array>
#include <cstring>

#include "capture/rows.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

template <typename T>
T value_at(const std::byte* at) {
  T value{};
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Each width for itself: a copy of a length that is not known is a call.
std::uint64_t number_at(const std::byte* record, const Column& column) {
  const std::byte* at = record + column.offset;
  switch (column.width) {
    case 8:
      return value_at<std::uint64_t>(at);
    case 4:
      return value_at<std::uint32_t>(at);
    case 2:
      return value_at<std::uint16_t>(at);
    default:
      return value_at<std::uint8_t>(at);
  }
}

void put_specification(std::span<const Column> columns, Bytes& out) {
  put_varint(out, columns.size());
  for (const Column& column : columns) {
    put_varint(out, column.offset);
    put_varint(out, column.width);
    put_varint(out, static_cast<std::uint64_t>(column.how));
  }
}

// False: not one that this version, or any, can follow.
bool get_specification(ByteReader& in, std::size_t size, std::vector<Column>& columns) {
  const auto count = static_cast<std::size_t>(in.varint(kMostColumns));
  for (std::size_t i = 0; i < count && !in.failed(); ++i) {
    Column column{};
    column.offset = static_cast<std::uint16_t>(in.varint(0xffff));
    column.width = static_cast<std::uint8_t>(in.varint(8));
    column.how = static_cast<How>(in.varint(0xff));
    const bool good =
        column.width == 1 || column.width == 2 || column.width == 4 || column.width == 8;
    if (!good || std::size_t{column.offset} + column.width > size || column.offset < kTimeOffset ||
        column.how < How::kTime || column.how > How::kIdent)
      return false;
    columns.push_back(column);
  }
  return !in.failed();
}

}  // namespace

ColumnsEncoder::ColumnsEncoder(std::size_t size, std::span<const Column> columns)
    : size_(size),
      columns_(columns),
      templates_(size, columns),
      contexts_(columns.size()),
      writers_(columns.size()) {
  ports_.begin();
}

void ColumnsEncoder::add(const std::byte* record) {
  const std::uint32_t index = templates_.index_of(record);
  put_varint(indexes_, index);
  std::uint64_t* context = contexts_.of_template(index);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::uint64_t value = number_at(record, columns_[i]);
    switch (columns_[i].how) {
      case How::kTime:
        writers_[i].numbers.put(zigzag(value - time_));
        time_ = value;
        break;
      case How::kNumber:
        writers_[i].numbers.put(zigzag(value - context[i]));
        break;
      case How::kPort:
        writers_[i].put_port(static_cast<std::uint16_t>(value),
                             static_cast<std::uint16_t>(context[i]), ports_);
        break;
      case How::kIdent:
        context = contexts_.of_ident(writers_[i].put_ident(value));
        break;
    }
    context[i] = value;
  }
  contexts_.leave();
}

void ColumnsEncoder::finish(Packer& packer, Bytes& out) {
  put_specification(columns_, out);
  put_varint(out, templates_.count());
  RowsEncoder rows(size_, {});
  for (const std::byte* known : templates_.all()) rows.add(known);
  packer.pack(rows.rows(), out);
  packer.pack(indexes_, out);
  for (ColumnWriter& writer : writers_) writer.finish(packer, out);
  indexes_.clear();
  templates_.clear();
  contexts_.clear();
  ports_.begin();
  time_ = 0;
}

bool decode_columns(ByteReader in, std::size_t size, std::size_t most, Unpacker& unpacker,
                    std::span<std::byte* const> records) {
  std::vector<Column> columns;
  if (!get_specification(in, size, columns)) return false;
  const auto known = static_cast<std::size_t>(in.varint(records.size()));
  Bytes room;
  Bytes templates(known * size);
  std::vector<std::byte*> places;
  for (std::size_t i = 0; i < known; ++i) places.push_back(templates.data() + i * size);
  const auto rows = unpacker.unpack(in, most, room);
  if (in.failed() || !decode_rows(ByteReader(rows), size, {}, places)) return false;
  ByteReader indexes(unpacker.unpack(in, most, room));
  std::vector<ColumnReader> readers(columns.size());
  for (std::size_t i = 0; i < columns.size(); ++i) readers[i].open(in, most, unpacker);
  if (!in.complete() || (known == 0 && !records.empty())) return false;

  Contexts contexts(columns.size());
  ReadPorts ports;
  std::uint64_t time = 0;
  for (std::byte* record : records) {
    const auto index = static_cast<std::size_t>(indexes.varint(known - 1));
    std::memcpy(record, places[index], size);
    std::uint64_t* context = contexts.of_template(index);
    if (context == nullptr) return false;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      std::uint64_t value = 0;
      switch (columns[i].how) {
        case How::kTime:
          value = time += unzigzag(readers[i].numbers.next());
          break;
        case How::kNumber:
          value = context[i] + unzigzag(readers[i].numbers.next());
          break;
        case How::kPort:
          value = readers[i].port(static_cast<std::uint16_t>(context[i]), ports);
          break;
        case How::kIdent: {
          const std::size_t ident = readers[i].ident(value);
          context = contexts.of_ident(ident);
          if (context == nullptr) return false;
          break;
        }
      }
      context[i] = value;
      std::memcpy(record + columns[i].offset, &value, columns[i].width);
    }
    contexts.leave();
  }
  bool complete = indexes.complete();
  for (const ColumnReader& reader : readers) complete = complete && reader.complete();
  return complete;
}

}  // namespace tcpwatch
