// SPDX-License-Identifier: Apache-2.0
//
// Numbers to places, in an open table: each story of a block is looked up in several. A search ends
// after a few steps, so that no choice of numbers makes it slow; what finds no place is not kept,
// and told anew each time. One owner, one thread.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tcpwatch {

class FlatIndex {
 public:
  // The place of a number, and whether it is new: then it is `fresh`.
  std::pair<std::uint32_t, bool> try_emplace(std::uint64_t number, std::uint32_t fresh) {
    if (2 * count_ >= slots_.size()) grow();
    return emplace(number, fresh);
  }
  // Of numbers that come again so many at a time: the memory is kept.
  void clear() {
    if (count_ == 0) return;
    std::ranges::fill(slots_, Slot{});
    count_ = 0;
  }

 private:
  static constexpr std::size_t kLeast = 64;
  static constexpr std::size_t kMostSteps = 32;

  struct Slot {
    std::uint64_t number = 0;
    std::uint32_t place = 0;
    bool taken = false;
  };

  // Addresses, pids and start times come in rows; one multiplication alone leaves them in rows.
  static std::uint64_t mixed(std::uint64_t number) {
    number = (number ^ (number >> 32)) * 0xbf58476d1ce4e5b9;
    return (number ^ (number >> 29)) * 0x94d049bb133111eb;
  }
  std::pair<std::uint32_t, bool> emplace(std::uint64_t number, std::uint32_t fresh) {
    auto at = static_cast<std::size_t>(mixed(number) >> shift_);
    for (std::size_t step = 0; step < kMostSteps; ++step, ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (!slot.taken) {
        slot = {number, fresh, true};
        ++count_;
        return {fresh, true};
      }
      if (slot.number == number) return {slot.place, false};
    }
    return {fresh, true};
  }
  void grow() {
    std::vector<Slot> before(slots_.empty() ? kLeast : 2 * slots_.size());
    before.swap(slots_);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(slots_.size()));
    count_ = 0;
    for (const Slot& slot : before)
      if (slot.taken) (void)emplace(slot.number, slot.place);
  }

  std::vector<Slot> slots_;  // a power of two
  unsigned shift_ = 0;
  std::size_t count_ = 0;
};

}  // namespace tcpwatch
