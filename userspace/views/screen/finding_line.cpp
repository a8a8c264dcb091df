// SPDX-License-Identifier: Apache-2.0
#include "views/screen/finding_line.h"

#include <fmt/format.h>

#include <algorithm>

#include "views/evidence_text.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kLongestChain = 4;
constexpr std::size_t kAllEvidence = 16;

// Its id, and whom it is about where the id does not say which.
std::string name_of(const Findings& findings, const Finding& cause) {
  const bool alone = std::ranges::count(findings, cause.id, &Finding::id) == 1;
  return alone ? std::string(cause.id)
               : fmt::format("{} {}", cause.id, subject_text(cause.subject));
}

void explain(FindingLine& line, const Findings& findings, const Finding& finding) {
  const Finding* root = &finding;
  for (std::size_t i = 0; i < kLongestChain; ++i) {
    const Finding* cause = cause_of(findings, *root);
    if (!cause) break;
    root = cause;
    line.because += (line.because.empty() ? "" : " < ") + name_of(findings, *root);
  }
  if (root != &finding) line.root = std::string(root->id) + ": " + root->summary;
  line.advice = root->next_step;
}

}  // namespace

std::vector<FindingLine> finding_lines(const Findings& findings) {
  std::vector<FindingLine> lines;
  for (const Finding& finding : findings) {
    FindingLine& line = lines.emplace_back();
    line.severity = finding.severity;
    line.id = finding.id;
    line.summary = finding.summary;
    line.subject = subject_text(finding.subject);
    line.evidence = evidence_text(finding, kAllEvidence);
    line.next_step = finding.next_step;
    explain(line, findings, finding);
    line.do_not = finding.do_not;
    line.confidence = finding.confidence;
    line.lasted = finding.lasted;
    line.about = finding.subject;
    line.pids = finding.pids;
  }
  return lines;
}

}  // namespace tcpwatch
