// SPDX-License-Identifier: Apache-2.0
#include "capture/column_streams.h"

namespace tcpwatch {
namespace {

// The codes of ports; from kAgo on: the port that was new so many ports ago.
enum PortCode : std::uint64_t { kExpected = 0, kNew = 1, kAgo = 2 };

}  // namespace

void ColumnWriter::put_port(std::uint16_t port, std::uint16_t expected, WrittenPorts& ports) {
  if (port == expected) {
    put_varint(codes_, kExpected);
  } else if (const auto ago = ports.find(port)) {
    put_varint(codes_, kAgo + *ago);
  } else {
    put_varint(codes_, kNew);
    numbers.put(zigzag(std::uint64_t{port} - expected));
    ports.add(port);
  }
}

std::size_t ColumnWriter::put_ident(std::uint64_t ident) {
  const auto [place, fresh] = idents_.try_emplace(ident, ident_count_);
  put_varint(codes_, place);
  if (fresh) {
    ++ident_count_;
    numbers.put(zigzag(ident - last_ident_));
    last_ident_ = ident;
  }
  return place;
}

void ColumnWriter::finish(Packer& packer, Bytes& out) {
  numbers.finish();
  packer.pack(codes_, out);
  packer.pack(numbers.widths, out);
  Packer::store(numbers.bits, out);
  numbers.clear();
  codes_.clear();
  idents_.clear();
  ident_count_ = 0;
  last_ident_ = 0;
}

void ColumnReader::open(ByteReader& in, std::size_t most, Unpacker& unpacker) {
  codes_ = ByteReader(unpacker.unpack(in, most, rooms_[0]));
  const auto widths = unpacker.unpack(in, most, rooms_[1]);
  const auto bits = unpacker.unpack(in, most, rooms_[2]);
  numbers = NumberReader(widths, bits);
}

std::uint16_t ColumnReader::port(std::uint16_t expected, ReadPorts& ports) {
  const std::uint64_t code = codes_.varint(kAgo + 0xffff);
  if (code == kExpected) return expected;
  if (code >= kAgo) return ports.ago(static_cast<std::uint32_t>(code - kAgo));
  const auto port = static_cast<std::uint16_t>(expected + unzigzag(numbers.next()));
  ports.add(port);
  return port;
}

std::size_t ColumnReader::ident(std::uint64_t& ident) {
  const auto index = static_cast<std::size_t>(codes_.varint(idents_.size()));
  if (index == idents_.size()) {
    const std::uint64_t last = idents_.empty() ? 0 : idents_.back();
    idents_.push_back(last + unzigzag(numbers.next()));
  }
  ident = idents_[index];
  return index;
}

}  // namespace tcpwatch
