// SPDX-License-Identifier: Apache-2.0
//
// The findings of many intervals: each with its begin, its end and how it was at its worst. One
// that comes back within a minute goes on. Wall clock; pure.
#pragma once

#include <cstdint>
#include <vector>

#include "diagnosis/finding.h"

namespace tcpwatch {

struct FindingSpell {
  Finding finding;  // at its worst
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
};

class FindingSpells {
 public:
  void add(const Findings& findings, std::uint64_t realtime_ns);
  // Worst first, then in the order of their begin.
  std::vector<FindingSpell> all() const;

 private:
  static constexpr std::size_t kMost = 1000;  // captures are foreign bytes

  std::vector<FindingSpell> spells_;
};

}  // namespace tcpwatch
