// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/sight.h"

#include <algorithm>

namespace tcpwatch {
namespace {

constexpr double kEstimated = 0.8;
constexpr double kUnseen = 0.6;

}  // namespace

double Sight::of(std::string_view signal) const {
  bool known = false;
  double sight = 0;
  for (const HookChoice& hook : snapshot_.hooks) {
    if (hook.signal != signal) continue;
    const double now = hook.exact ? 1 : kEstimated;
    if (hook.chosen) sight = known && sight > 0 ? std::min(sight, now) : now;
    known = true;
  }
  return known ? sight : 1;
}

std::string Sight::source(std::string_view signal, std::string_view fallback) const {
  for (const HookChoice& hook : snapshot_.hooks)
    if (hook.chosen && hook.signal == signal)
      return hook.target.empty() ? hook.mechanism : hook.mechanism + " " + hook.target;
  return std::string(fallback);
}

void Sight::weigh(Finding& finding, std::span<const std::string_view> signals) const {
  for (const std::string_view signal : signals) {
    const double sight = of(signal);
    if (sight <= 0)
      doubt(finding, kUnseen, std::string(signal) + " is not watched on this kernel");
    else
      finding.confidence *= sight;
  }
}

void doubt(Finding& finding, double factor, std::string_view why) {
  finding.confidence *= factor;
  if (!finding.unseen.empty()) finding.unseen += "; ";
  finding.unseen += why;
}

}  // namespace tcpwatch
