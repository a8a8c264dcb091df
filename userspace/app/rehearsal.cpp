// SPDX-License-Identifier: Apache-2.0
#include "app/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/judged_stream.h"
#include "app/live_source.h"
#include "tcpwatch/bpf_config.h"

namespace tcpwatch {
namespace {

constexpr std::chrono::seconds kStageLife{120};
constexpr std::chrono::seconds kEarlyStageLife{600};  // until all the others are checked
constexpr std::chrono::milliseconds kLook{500};
constexpr int kRightLooks = 2;  // one after the other

}  // namespace

std::string what_is_wrong(const Findings& findings, std::string_view expected) {
  const Finding* root = root_cause(findings);
  if (!root) return "nothing is found";
  if (root->id != expected) return fmt::format("the root cause is said to be {}", root->id);
  for (const Finding& finding : findings)
    if (finding.severity == Severity::kCritical && end_of_chain(findings, finding).id != expected)
      return fmt::format("{} is critical beside it", finding.id);
  return "";
}

Result<Rehearsal> Rehearsal::open(std::span<const Scenario> wanted) {
  Rehearsal rehearsal;
  for (const Scenario& scenario : wanted) {
    if (scenario.shows_after == std::chrono::seconds(0)) continue;
    auto stage = Stage::open(scenario, kEarlyStageLife);
    if (!stage) return stage.error();
    rehearsal.begun_[scenario.name] = std::move(*stage);
  }
  return rehearsal;
}

Result<std::unique_ptr<Stage>> Rehearsal::stage_of(const Scenario& scenario) {
  auto begun = begun_.extract(scenario.name);
  if (begun) return std::move(begun.mapped());
  return Stage::open(scenario, kStageLife);
}

Result<Rehearsed> Rehearsal::check(const Scenario& scenario, std::chrono::seconds most,
                                   const std::set<std::string>& denied) {
  const auto stage = stage_of(scenario);
  if (!stage) return stage.error();
  const auto tracer = Tracer::start({.detail = TW_DETAIL_FAILURES, .denied = denied});
  if (!tracer) return tracer.error();
  Filter filter;
  filter.netns = (*stage)->netns();
  JudgedStream stream(Thresholds{}, filter);
  LiveSource source(**tracer, kLook, -1);
  Rehearsed rehearsed;
  const auto end = static_cast<double>((most + scenario.shows_after).count());
  int right = 0;
  while (right < kRightLooks && stream.watched() < end) {
    const auto more = source.advance(stream);
    if (!more) return more.error();
    if (!(*stage)->running())
      return Error{ErrorKind::kCannotTell,
                   fmt::format("the drill {} ended by itself", scenario.name), ""};
    rehearsed.wrong = what_is_wrong(stream.findings(), scenario.name);
    right = rehearsed.wrong.empty() ? right + 1 : 0;
  }
  rehearsed.right = right >= kRightLooks;
  rehearsed.seconds = stream.watched();
  rehearsed.findings = stream.findings();
  rehearsed.snapshot = stream.snapshot();
  return rehearsed;
}

}  // namespace tcpwatch
