// SPDX-License-Identifier: Apache-2.0
#include "kernel/maker_notes.h"

#include <bpf/libbpf.h>

#include <algorithm>

#include "kernel/bpf_objects.h"
#include "kernel/run_program.h"
#include "kernel/skeleton.h"

namespace tcpwatch {

void MakerNotes::open(const BpfObjects& objects, std::uint32_t lanes) {
  const tcpwatch_bpf* object = objects.object_with({"sort_notes"});
  if (!object) return;
  taken_ = object->bss->notes_taken;
  sort_fd_ = bpf_program__fd(objects.program("sort_notes"));
  lanes_ = lanes;
}

std::uint64_t MakerNotes::waiting(std::uint32_t lane) const {
  const volatile __u64& taken = taken_[lane].count;  // the kernel counts on
  return taken - sorted_[lane];
}

void MakerNotes::sort(std::uint32_t lane) {
  std::uint64_t left = waiting(lane);
  if (left > TW_NOTES) {  // overwritten: those have no maker
    sorted_[lane] += left - TW_NOTES;
    left = TW_NOTES;
  }
  while (left > 0) {
    const std::uint64_t count = std::min<std::uint64_t>(left, TW_NOTES_SORTED);
    std::array<std::uint64_t, 3> arguments{lane, sorted_[lane], count};
    std::uint32_t answer = 0;
    if (run_with(sort_fd_, arguments, answer)) return;  // the next time
    sorted_[lane] += count;
    left -= count;
  }
}

void MakerNotes::sort() {
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) sort(lane);
}

void MakerNotes::sort_if_many() {
  for (std::uint32_t lane = 0; lane < lanes_; ++lane)
    if (waiting(lane) > TW_NOTES / 2) sort(lane);
}

}  // namespace tcpwatch
