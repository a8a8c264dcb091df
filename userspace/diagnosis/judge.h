// SPDX-License-Identifier: Apache-2.0
//
// The judge: takes snapshots one by one and says, after each, what is wrong. Remembers since when.
// Reads no clock and no file: the same for live snapshots and for those of a capture. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "diagnosis/chart.h"
#include "diagnosis/finding.h"
#include "diagnosis/thresholds.h"

namespace tcpwatch {

class Judge {
 public:
  explicit Judge(const Thresholds& limits = {}) : limits_(limits) {}

  void set(const Thresholds& limits) { limits_ = limits; }
  void add(std::shared_ptr<const Snapshot> snapshot);
  // After that: the findings now, worst first.
  const Findings& judge();
  const Findings& findings() const { return findings_; }
  double watched() const { return chart_.watched(); }

 private:
  struct Spell {
    Finding finding;
    double last = 0;  // chart time
  };
  void remember(Finding& finding);

  Thresholds limits_;
  double window_ = 0;  // seconds
  Chart chart_;
  Findings findings_;
  std::unordered_multimap<std::size_t, Spell> spells_;  // by hash_of()
};

}  // namespace tcpwatch
