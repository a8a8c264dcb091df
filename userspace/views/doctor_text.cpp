// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/human.h"
#include "base/text.h"
#include "views/doctor.h"
#include "views/evidence_text.h"
#include "views/unseen.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostCauses = 3;    // lines of the chain
constexpr std::size_t kMostEvidence = 5;  // numbers of one line
constexpr std::size_t kMostInfos = 3;
constexpr std::size_t kMostOthers = 8;  // of each kind; top and JSON tell all

struct Line {
  std::string_view label;
  std::string text;
  Tone tone = Tone::kNormal;
};

// The worst finding, and why, and why that.
std::vector<const Finding*> chain_of(const Findings& findings) {
  std::vector<const Finding*> chain;
  if (findings.empty() || findings.front().severity == Severity::kInfo) return chain;
  for (const Finding* at = &findings.front(); at && chain.size() < kMostCauses;
       at = cause_of(findings, *at)) {
    if (std::ranges::count(chain, at) != 0) break;
    chain.push_back(at);
  }
  return chain;
}

// Those outside of the chain that follow from its end, or those that do not. A storm is told of
// both ends of an address: once here.
std::string others_text(const Findings& findings, const std::vector<const Finding*>& chain,
                        bool follow) {
  std::vector<std::string> others;
  const Finding* root = root_cause(findings);
  for (const Finding& finding : findings) {
    if (finding.severity == Severity::kInfo || std::ranges::count(chain, &finding) != 0) continue;
    if ((&end_of_chain(findings, finding) == root) != follow) continue;
    std::string text = fmt::format("{} {} ({})", severity_name(finding.severity), finding.id,
                                   subject_text(finding.subject));
    if (std::ranges::count(others, text) == 0) others.push_back(std::move(text));
  }
  if (others.size() <= kMostOthers) return fmt::format("{}", fmt::join(others, ", "));
  const std::size_t more = others.size() - kMostOthers;
  others.resize(kMostOthers);
  return fmt::format("{} and {} more", fmt::join(others, ", "), more);
}

std::string some(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::vector<Line> healthy_lines(const DoctorView& view) {
  std::vector<Line> lines;
  for (const Finding& finding : view.findings)
    if (lines.size() < kMostInfos) lines.push_back({"info", finding.summary});
  return lines;
}

std::vector<Line> trouble_lines(const DoctorView& view) {
  std::vector<Line> lines;
  const auto chain = chain_of(view.findings);
  const Finding& root = *chain.back();
  for (const Finding* finding : chain)
    lines.push_back({finding == chain.front() ? "what" : "because",
                     fmt::format("{}: {}", finding->id, finding->summary)});
  lines.push_back({"evidence", evidence_text(root, kMostEvidence)});
  lines.push_back({"next", root.next_step, Tone::kGood});
  if (!root.do_not.empty()) lines.push_back({"but", root.do_not});
  for (const bool follow : {true, false})
    if (const std::string others = others_text(view.findings, chain, follow); !others.empty())
      lines.push_back({follow ? "hence" : "also", others});
  return lines;
}

}  // namespace

std::string doctor_text(const DoctorView& view, Palette palette) {
  const Severity worst = worst_severity(view.findings);
  const Tone tone = worst == Severity::kCritical  ? Tone::kBad
                    : worst == Severity::kWarning ? Tone::kWarning
                                                  : Tone::kGood;
  std::string verdict(verdict_name(view.findings));
  std::ranges::transform(verdict, verdict.begin(),
                         [](char letter) { return static_cast<char>(letter - 'a' + 'A'); });
  const Snapshot& snapshot = view.snapshot;
  std::string text = paint(verdict, tone, palette);
  if (worst != Severity::kInfo)
    text += fmt::format("  {} sure,", format_percent(root_cause(view.findings)->confidence));
  text += fmt::format("  looked {} at {}: {}, {}, {}\n", format_seconds(view.seconds),
                      sanitize(snapshot.host), some(snapshot.workers.size(), "worker"),
                      some(snapshot.listeners.size(), "listener"),
                      some(snapshot.destinations.size(), "destination"));
  std::vector<Line> lines = worst == Severity::kInfo ? healthy_lines(view) : trouble_lines(view);
  const auto unseen = unseen_of(snapshot, view.findings);
  if (!unseen.empty())
    lines.push_back({"unseen", fmt::format("{}", fmt::join(unseen, "; ")), Tone::kDim});
  for (const Line& line : lines)
    text += fmt::format("  {}  {}\n", paint(align_left(line.label, 8), Tone::kTitle, palette),
                        paint(sanitize(line.text), line.tone, palette));
  return text;
}

}  // namespace tcpwatch
