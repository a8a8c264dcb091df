// SPDX-License-Identifier: Apache-2.0
//
// A set of record kinds, as a block's header has it: what a reader wants, what a block holds.
#pragma once

#include <cstdint>

#include "tcpwatch/abi.h"

namespace tcpwatch {

class Kinds {
 public:
  constexpr Kinds() = default;
  constexpr explicit Kinds(std::uint64_t bits) : bits_(bits) {}
  static constexpr Kinds all() { return Kinds(~std::uint64_t{0}); }
  // Counters and facts: what the model learns from. Stories are the kinds below TW_KIND_HOST.
  static constexpr Kinds counters() { return Kinds(~std::uint64_t{0} << TW_KIND_HOST); }

  constexpr Kinds& add(std::uint32_t kind) {
    bits_ |= bit(kind);
    return *this;
  }
  constexpr bool has(std::uint32_t kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr bool any_of(Kinds other) const { return (bits_ & other.bits_) != 0; }
  constexpr std::uint64_t bits() const { return bits_; }

 private:
  // No kind is 0: that bit stands for all that are too high to have one.
  static constexpr std::uint64_t bit(std::uint32_t kind) {
    return kind < TW_KIND_LIMIT ? std::uint64_t{1} << kind : 1;
  }
  std::uint64_t bits_ = 0;
};

}  // namespace tcpwatch
