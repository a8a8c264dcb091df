// SPDX-License-Identifier: Apache-2.0
#include "views/coverage.h"

#include <algorithm>

#include "base/text.h"

namespace tcpwatch {

std::string_view quality_name(Quality quality) {
  switch (quality) {
    case Quality::kExact:
      return "exact";
    case Quality::kEstimated:
      return "estimated";
    case Quality::kUnavailable:
      break;
  }
  return "unavailable";
}

SignalCoverage& Coverage::entry(std::string_view signal) {
  const auto found = std::ranges::find(signals_, signal, &SignalCoverage::signal);
  if (found != signals_.end()) return *found;
  signals_.emplace_back().signal = signal;
  return signals_.back();
}

Coverage::Coverage(const Snapshot& snapshot) {
  for (const HookChoice& hook : snapshot.hooks) {
    SignalCoverage& known = entry(hook.signal);
    if (!hook.chosen) {
      known.refused.push_back(&hook);
      continue;
    }
    // A signal with several hooks is as good as the worst of them.
    const bool exact = hook.exact && (!known.hook || known.quality == Quality::kExact);
    known.quality = exact ? Quality::kExact : Quality::kEstimated;
    if (!known.hook) known.hook = &hook;
  }
}

Quality Coverage::of(std::string_view signal) const {
  const auto found = std::ranges::find(signals_, signal, &SignalCoverage::signal);
  return found == signals_.end() ? Quality::kExact : found->quality;
}

std::string hook_text(const HookChoice& hook) {
  std::string text = sanitize(hook.mechanism);
  if (!hook.target.empty()) text += ":" + sanitize(hook.target);
  return text;
}

}  // namespace tcpwatch
