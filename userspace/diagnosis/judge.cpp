// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/judge.h"

#include <algorithm>

#include "diagnosis/chains.h"
#include "diagnosis/rests_on.h"
#include "diagnosis/rules.h"
#include "model/filter.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostSpells = 1024;
constexpr double kLeastIntervals = 4;  // a window holds so many, however long they are
constexpr double kNsPerSecond = 1e9;

// What tells it from others, and since when; its evidence is of the moment.
Finding identity_only(const Finding& finding) {
  Finding kept;
  kept.id = finding.id;
  kept.subject = finding.subject;
  kept.since_ns = finding.since_ns;
  return kept;
}

// Of findings of one kind alike: asked once, and there may be hundreds.
void weigh(const Sight& sight, Findings& findings) {
  std::vector<Finding> asked;
  for (Finding& finding : findings) {
    auto like = std::ranges::find(asked, finding.id, &Finding::id);
    if (like == asked.end()) {
      like = asked.insert(asked.end(), Finding{.id = finding.id});
      sight.weigh(*like, signals_of_finding(finding.id));
    }
    if (!like->unseen.empty()) doubt(finding, 1, like->unseen);
    finding.confidence *= like->confidence;
  }
}

}  // namespace

void Judge::add(std::shared_ptr<const Snapshot> snapshot) {
  window_ = std::max(limits_.window, kLeastIntervals * snapshot->interval);
  chart_.add(without(std::move(snapshot), kOurselves), window_);
}

void Judge::remember(Finding& finding) {
  const double now = chart_.now();
  const std::size_t hash = hash_of(finding);
  auto [known, end] = spells_.equal_range(hash);
  while (known != end && !same(known->second.finding, finding)) ++known;
  const std::uint64_t wall = chart_.snapshot().realtime_ns;
  const auto ago = static_cast<std::uint64_t>(std::max(finding.lasted, 0.0) * kNsPerSecond);
  finding.since_ns = wall - std::min(wall, ago);
  if (known != end) {
    Spell& spell = known->second;
    finding.since_ns = std::min(finding.since_ns, spell.finding.since_ns);
    finding.lasted = static_cast<double>(wall - finding.since_ns) / kNsPerSecond;
    spell.finding.since_ns = finding.since_ns;
    spell.last = now;
  } else if (spells_.size() < kMostSpells) {
    spells_.emplace(hash, Spell{identity_only(finding), now});
  }
}

const Findings& Judge::judge() {
  findings_.clear();
  const Case about{chart_, limits_, Sight(chart_.snapshot())};
  for (const Rule rule : kRules) rule(about, findings_);
  weigh(about.sight, findings_);
  link_causes(about, findings_);
  for (Finding& finding : findings_) remember(finding);
  std::erase_if(
      spells_, [&](const auto& entry) { return entry.second.last < chart_.now() - limits_.again; });
  sort_worst_first(findings_);
  return findings_;
}

}  // namespace tcpwatch
