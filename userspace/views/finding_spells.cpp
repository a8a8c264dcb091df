// SPDX-License-Identifier: Apache-2.0
#include "views/finding_spells.h"

#include <algorithm>
#include <tuple>

namespace tcpwatch {
namespace {

constexpr std::uint64_t kPause = 60'000'000'000;

}  // namespace

void FindingSpells::add(const Findings& findings, std::uint64_t realtime_ns) {
  for (const Finding& finding : findings) {
    const std::uint64_t begin =
        finding.since_ns != 0 ? std::min(finding.since_ns, realtime_ns) : realtime_ns;
    const auto known = std::ranges::find_if(spells_, [&](const FindingSpell& spell) {
      return same(spell.finding, finding) && begin <= spell.end_ns + kPause;
    });
    if (known == spells_.end()) {
      if (spells_.size() < kMost) spells_.push_back({finding, begin, realtime_ns});
      continue;
    }
    known->end_ns = std::max(known->end_ns, realtime_ns);
    if (finding.severity >= known->finding.severity) known->finding = finding;
  }
}

std::vector<FindingSpell> FindingSpells::all() const {
  std::vector<FindingSpell> all = spells_;
  std::ranges::stable_sort(all, [](const FindingSpell& a, const FindingSpell& b) {
    return std::tuple(b.finding.severity, a.begin_ns) < std::tuple(a.finding.severity, b.begin_ns);
  });
  return all;
}

}  // namespace tcpwatch
