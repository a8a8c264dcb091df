// SPDX-License-Identifier: Apache-2.0
//
// How well each signal is seen on this kernel, as confidence: a rule multiplies its own by that of
// the signals that it rests on, and says what it could not see. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "diagnosis/finding.h"
#include "model/snapshot.h"

namespace tcpwatch {

class Sight {
 public:
  explicit Sight(const Snapshot& snapshot) : snapshot_(snapshot) {}

  // 1: exact (or needs no hook), 0.8: estimated, 0: unavailable.
  double of(std::string_view signal) const;
  // "fentry tcp_conn_request": for evidence. The fallback where the plan is not known.
  std::string source(std::string_view signal, std::string_view fallback = "kernel") const;
  // Lowers the finding's confidence for what is not exact; what is unavailable is told in `unseen`.
  void weigh(Finding& finding, std::span<const std::string_view> signals) const;

 private:
  const Snapshot& snapshot_;
};

// Lowers the confidence by a factor and says why.
void doubt(Finding& finding, double factor, std::string_view why);

}  // namespace tcpwatch
