// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "views/findings_json.h"
#include "views/json.h"
#include "views/json_values.h"
#include "views/report.h"

namespace tcpwatch {
namespace {

void write_series(JsonWriter& json, std::string_view name, const Timeline::Series& series) {
  json.key(name).begin_array();
  for (const auto& value : series) {
    if (value)
      json.number(*value);
    else
      json.null();
  }
  json.end_array();
}

void write_timeline(JsonWriter& json, const Timeline& timeline) {
  json.key("timeline").begin_object();
  json.key("from").string(format_rfc3339(timeline.begin_ns()));
  json.key("cell_seconds").number(timeline.cell_seconds());
  write_series(json, "accepts_per_second", timeline.series(TotalName::kAccepted));
  write_series(json, "closes_per_second", timeline.series(TotalName::kClosed));
  write_series(json, "connects_per_second", timeline.series(TotalName::kConnects));
  write_series(json, "failures_per_second", timeline.series(TotalName::kFailures));
  write_series(json, "drops_per_second", timeline.series(TotalName::kDrops));
  write_series(json, "established", timeline.established());
  write_series(json, "time_wait", timeline.time_wait());
  json.end_object();
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_moment(JsonWriter& json, std::string_view name, std::uint64_t realtime_ns) {
  json.key(name).string(format_rfc3339(realtime_ns));
}

// Each with its times, and as `doctor --json` prints it.
void write_spells(JsonWriter& json, const std::vector<FindingSpell>& spells) {
  json.key("findings").begin_array();
  for (const FindingSpell& spell : spells) {
    json.begin_object();
    write_moment(json, "from", spell.begin_ns);
    write_moment(json, "to", spell.end_ns);
    write_findings(json.key("at_worst"), {spell.finding});
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string report_json(const ReportData& report) {
  JsonWriter json;
  json.begin_object();
  json.key("schema").string("tcpwatch.report/1");
  json.key("host").string(report.summary.host);
  write_moment(json, "from", report.begin_ns);
  write_moment(json, "to", report.end_ns);
  json.key("intervals").number(report.intervals);
  json.key("clock_note");
  if (report.clock_note.empty())
    json.null();
  else
    json.string(report.clock_note);
  write_texts(json, "files", report.files);
  write_texts(json, "damage", report.damage);
  write_spells(json, report.findings);
  write_timeline(json, report.timeline);
  json.end_object();
  std::string text = json.take();
  text.pop_back();
  return text + ",\"summary\":" + view_json(report.summary) + "}";
}

std::string compare_json(const ReportData& before, const ReportData& after) {
  return "{\"schema\":\"tcpwatch.comparison/1\",\"before\":" + report_json(before) +
         ",\"after\":" + report_json(after) + "}";
}

}  // namespace tcpwatch
