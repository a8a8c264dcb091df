// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/finding.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace tcpwatch {
namespace {

constexpr int kLongestChain = 8;  // a ring of causes would be a mistake of ours: end it

// A listener or a destination is identity enough.
auto identity_of(const Finding& finding) {
  const Subject& who = finding.subject;
  const bool placed = !who.listener.empty() || !who.destination.empty();
  return std::tuple(finding.id, who.netns, std::string_view(who.listener),
                    std::string_view(who.destination), placed ? 0U : who.pid);
}

}  // namespace

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
      return "critical";
    case Severity::kWarning:
      return "warning";
    case Severity::kInfo:
      break;
  }
  return "info";
}

bool same(const Finding& a, const Finding& b) { return identity_of(a) == identity_of(b); }

std::size_t hash_of(const Finding& finding) {
  constexpr std::size_t kSpread = 31;
  return std::apply(
      [](const auto&... part) {
        std::size_t hash = 0;
        ((hash = hash * kSpread + std::hash<std::decay_t<decltype(part)>>{}(part)), ...);
        return hash;
      },
      identity_of(finding));
}

const Finding* cause_of(const Findings& findings, const Finding& finding) {
  if (!finding.cause) return nullptr;
  const auto found = std::ranges::find_if(findings, [&](const Finding& other) {
    return &other != &finding && other.id == finding.cause->id &&
           other.subject == finding.cause->subject;
  });
  return found == findings.end() ? nullptr : &*found;
}

const Finding& end_of_chain(const Findings& findings, const Finding& finding) {
  const Finding* end = &finding;
  for (int steps = 0; steps < kLongestChain; ++steps) {
    const Finding* next = cause_of(findings, *end);
    if (!next) break;
    end = next;
  }
  return *end;
}

void sort_worst_first(Findings& findings) {
  std::ranges::stable_sort(findings, [](const Finding& a, const Finding& b) {
    return std::tuple(a.severity, a.cause.has_value(), a.confidence) >
           std::tuple(b.severity, b.cause.has_value(), b.confidence);
  });
}

const Finding* root_cause(const Findings& findings) {
  if (findings.empty() || findings.front().severity == Severity::kInfo) return nullptr;
  return &end_of_chain(findings, findings.front());
}

Severity worst_severity(const Findings& findings) {
  Severity worst = Severity::kInfo;
  for (const Finding& finding : findings) worst = std::max(worst, finding.severity);
  return worst;
}

std::string_view verdict_name(const Findings& findings) {
  const Severity worst = worst_severity(findings);
  return worst == Severity::kInfo ? "healthy" : severity_name(worst);
}

}  // namespace tcpwatch
