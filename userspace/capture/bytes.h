// SPDX-License-Identifier: Apache-2.0
//
// Numbers in as few bytes as they need (LEB128), written and read. A reader never goes beyond its
// bytes: it then gives zeros and remembers that it failed, so that loops over foreign bytes need
// one check at their end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tcpwatch {

using Bytes = std::vector<std::byte>;

// Small numbers of either sign as small numbers; any difference of 64-bit numbers.
inline std::uint64_t zigzag(std::uint64_t difference) {
  return (difference << 1) ^ (0 - (difference >> 63));
}
inline std::uint64_t unzigzag(std::uint64_t coded) { return (coded >> 1) ^ (0 - (coded & 1)); }

inline void put_bytes(Bytes& out, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + size);
}

inline void put_varint(Bytes& out, std::uint64_t value) {
  if (value < 0x80) {
    out.push_back(static_cast<std::byte>(value));
    return;
  }
  std::byte coded[10];
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) coded[size++] = static_cast<std::byte>(value | 0x80);
  coded[size++] = static_cast<std::byte>(value);
  out.insert(out.end(), coded, coded + size);
}

class ByteReader {
 public:
  ByteReader() = default;
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) break;
      const auto byte = static_cast<std::uint64_t>(bytes_[at_++]);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  // No more than `most`, or the reader has failed.
  std::uint64_t varint(std::uint64_t most) {
    const std::uint64_t value = varint();
    if (value <= most) return value;
    failed_ = true;
    return 0;
  }
  std::uint8_t byte() {
    if (at_ < bytes_.size()) return static_cast<std::uint8_t>(bytes_[at_++]);
    failed_ = true;
    return 0;
  }
  // Empty where there are not so many.
  std::span<const std::byte> take(std::size_t size) {
    if (size > bytes_.size() - at_) {
      failed_ = true;
      return {};
    }
    const auto taken = bytes_.subspan(at_, size);
    at_ += size;
    return taken;
  }
  void fail() { failed_ = true; }
  std::size_t left() const { return bytes_.size() - at_; }
  bool failed() const { return failed_; }
  // Read to the last byte, and never beyond it.
  bool complete() const { return !failed_ && at_ == bytes_.size(); }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace tcpwatch
