// SPDX-License-Identifier: Apache-2.0
#include "app/agent/journal.h"

#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "views/findings_json.h"

namespace tcpwatch {
namespace {

bool holds(const Findings& findings, const Finding& finding) {
  return std::ranges::any_of(findings, [&](const Finding& one) { return same(one, finding); });
}

}  // namespace

// One write per line: lines of several threads or programs do not mix. Of a line that a full disk
// cut off no more is written, and the next one begins a line of its own.
void Journal::write(std::string line) {
  line += '\n';
  if (torn_) line.insert(line.begin(), '\n');
  const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  if (written > 0) torn_ = line[static_cast<std::size_t>(written) - 1] != '\n';
}

void Journal::say(std::string_view level, std::string_view message) {
  JsonWriter json;
  json.begin_object();
  json.key("time").string(format_rfc3339(realtime_ns()));
  json.key("level").string(level);
  json.key("message").string(message);
  json.end_object();
  write(json.take());
}

std::string Journal::line(std::string_view event, const Finding& finding,
                          std::uint64_t realtime_ns) {
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.event/1");
  json.key("time").string(format_rfc3339(realtime_ns));
  json.key("level").string(finding.severity == Severity::kCritical  ? "error"
                           : finding.severity == Severity::kWarning ? "warning"
                                                                    : "info");
  json.key("event").string(event);
  json.key("message").string(finding.summary);
  json.key("finding");
  write_finding(json, finding);
  json.end_object();
  return json.take();
}

void Journal::tell(const Findings& findings, std::uint64_t realtime_ns) {
  const auto each = [&](std::string_view event, const Finding& finding) {
    std::string text = line(event, finding, realtime_ns);
    if (also_) also_(text);
    write(std::move(text));
  };
  for (const Finding& finding : findings)
    if (!holds(active_, finding)) each("finding_begins", finding);
  for (const Finding& finding : active_)
    if (!holds(findings, finding)) each("finding_ends", finding);
  active_ = findings;
}

}  // namespace tcpwatch
