// SPDX-License-Identifier: Apache-2.0
//
// A column of numbers as two streams: how many bits each has (one byte, which zstd makes as small
// as it deserves) and those bits below the highest, packed without gaps. Noise, such as the
// nanoseconds of times, so costs what it must and does not spoil the stream that compresses.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "capture/bytes.h"

namespace tcpwatch {

class NumberWriter {
 public:
  void put(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    widths.push_back(static_cast<std::byte>(width));
    if (width > 33) {
      put_bits(value & 0xffffffff, 32);
      put_bits((value >> 32) & ~(std::uint64_t{1} << (width - 33)), width - 33);
    } else if (width > 1) {
      put_bits(value & ~(std::uint64_t{1} << (width - 1)), width - 1);
    }
  }
  // After the last number.
  void finish() {
    bits.clear();
    put_bytes(bits, words_.data(), words_.size() * sizeof words_[0]);
    for (; filled_ > 0; filled_ -= filled_ < 8 ? filled_ : 8, held_ >>= 8)
      bits.push_back(static_cast<std::byte>(held_));
    held_ = 0;
  }
  // For another column; memory is kept.
  void clear() {
    widths.clear();
    bits.clear();
    words_.clear();
  }

  Bytes widths;
  Bytes bits;  // from finish() on

 private:
  void put_bits(std::uint64_t value, unsigned count) {  // at most 32
    held_ |= value << filled_;
    filled_ += count;
    if (filled_ < 32) return;
    words_.push_back(static_cast<std::uint32_t>(held_));
    held_ >>= 32;
    filled_ -= 32;
  }

  std::vector<std::uint32_t> words_;
  std::uint64_t held_ = 0;
  std::uint64_t filled_ = 0;
};

class NumberReader {
 public:
  NumberReader() = default;
  NumberReader(std::span<const std::byte> widths, std::span<const std::byte> bits)
      : widths_(widths), bits_(bits) {}

  std::uint64_t next() {
    const unsigned width = widths_.byte();
    if (width < 2) return width;
    if (width > 64) {
      widths_.fail();
      return 0;
    }
    if (width <= 33) return get_bits(width - 1) | (std::uint64_t{1} << (width - 1));
    const std::uint64_t low = get_bits(32);
    return low | ((get_bits(width - 33) | (std::uint64_t{1} << (width - 33))) << 32);
  }
  bool complete() const { return widths_.complete() && !bits_.failed(); }

 private:
  std::uint64_t get_bits(unsigned count) {  // at most 32
    while (filled_ < count) {
      held_ |= static_cast<std::uint64_t>(bits_.byte()) << filled_;
      filled_ += 8;
    }
    const std::uint64_t value = held_ & ((std::uint64_t{1} << count) - 1);
    held_ >>= count;
    filled_ -= count;
    return value;
  }

  ByteReader widths_;
  ByteReader bits_;
  std::uint64_t held_ = 0;
  unsigned filled_ = 0;
};

}  // namespace tcpwatch
