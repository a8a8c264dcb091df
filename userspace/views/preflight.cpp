// SPDX-License-Identifier: Apache-2.0
#include "views/preflight.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "views/json_values.h"

namespace tcpwatch {
namespace {

Tone tone_of(Severity severity) {
  return severity == Severity::kCritical  ? Tone::kBad
         : severity == Severity::kWarning ? Tone::kWarning
                                          : Tone::kGood;
}

}  // namespace

std::string preflight_text(const std::vector<Check>& checks, Palette palette) {
  std::string text;
  for (const Check& check : checks) {
    text += fmt::format(
        "{}  {}  {}\n",
        paint(align_left(check_name(check.severity), 8), tone_of(check.severity), palette),
        align_left(check.name, 18), sanitize(check.state));
    if (!check.fix.empty()) text += fmt::format("{:30}fix: {}\n", "", sanitize(check.fix));
  }
  return text;
}

std::string preflight_json(const std::vector<Check>& checks, std::uint64_t realtime_ns) {
  Severity worst = Severity::kInfo;
  for (const Check& check : checks) worst = std::max(worst, check.severity);
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.preflight/1");
  write_time(json, realtime_ns);
  json.key("verdict").string(worst == Severity::kInfo ? "healthy" : severity_name(worst));
  json.key("checks").begin_array();
  for (const Check& check : checks) {
    json.begin_object();
    json.key("name").string(check.name);
    json.key("severity").string(check_name(check.severity));
    json.key("state").string(check.state);
    json.key("fix");
    if (check.fix.empty())
      json.null();
    else
      json.string(check.fix);
    json.end_object();
  }
  json.end_array();
  json.end_object();
  return json.take();
}

}  // namespace tcpwatch
