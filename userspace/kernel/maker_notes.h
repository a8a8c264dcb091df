// SPDX-License-Identifier: Apache-2.0
//
// The kernel side notes who made each TIME_WAIT, one note behind the other (bpf/makers.h). Here
// they are sorted into the table that a look through the sockets asks: before each look, and before
// a lane's oldest are overwritten.
#pragma once

#include <array>
#include <cstdint>

#include "tcpwatch/maker_notes.h"

namespace tcpwatch {

class BpfObjects;

class MakerNotes {
 public:
  void open(const BpfObjects& objects, std::uint32_t lanes);
  void sort();
  // Where half of a lane waits. Looks at a word of each lane.
  void sort_if_many();

 private:
  std::uint64_t waiting(std::uint32_t lane) const;
  void sort(std::uint32_t lane);

  const tw_notes_taken* taken_ = nullptr;
  int sort_fd_ = -1;
  std::uint32_t lanes_ = 0;
  std::array<std::uint64_t, TW_LANES_MAX> sorted_{};
};

}  // namespace tcpwatch
