// SPDX-License-Identifier: Apache-2.0
#include "views/evidence_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"

namespace tcpwatch {
namespace {

std::string number_text(const Evidence& evidence) {
  if (evidence.unit == "s") return format_seconds(evidence.value);
  if (evidence.unit == "share") return format_percent(evidence.value);
  if (evidence.unit == "1/s") return format_rate(evidence.value);
  return format_count(evidence.value);
}

}  // namespace

std::string evidence_text(const Finding& finding, std::size_t most) {
  std::string text;
  std::string_view source;
  for (std::size_t i = 0; i < std::min(finding.evidence.size(), most); ++i) {
    const Evidence& one = finding.evidence[i];
    if (i != 0) text += one.source == source ? ", " : fmt::format(" ({}); ", source);
    text += fmt::format("{} {}", one.name, number_text(one));
    source = one.source;
  }
  if (!source.empty()) text += fmt::format(" ({})", source);
  return text;
}

std::string subject_text(const Subject& subject) {
  if (!subject.listener.empty()) return subject.listener;
  if (!subject.destination.empty()) return subject.destination;
  if (subject.pid == 0) return "";
  return fmt::format("{} {}", subject.comm, subject.pid);
}

}  // namespace tcpwatch
