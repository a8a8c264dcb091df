// SPDX-License-Identifier: Apache-2.0
#include "views/page_json.h"

#include <cmath>

#include "base/clock.h"
#include "views/coverage.h"
#include "views/findings_json.h"
#include "views/page_plots.h"

namespace tcpwatch {
namespace {

// Seconds since 1970, to the millisecond.
double moment(std::uint64_t realtime_ns) {
  return static_cast<double>(realtime_ns / 1'000'000) / 1e3;
}

void write_texts(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

void write_times(JsonWriter& json, const PageSeries& series) {
  json.key("begin").number(moment(series.begin_ns()));
  json.key("intervals_per_point").number(series.intervals_per_point());
  json.key("ends").begin_array();
  for (const std::uint64_t end : series.ends()) json.number(moment(end));
  json.end_array();
}

void write_spells(JsonWriter& json, const std::vector<FindingSpell>& spells) {
  json.key("findings").begin_array();
  for (const FindingSpell& spell : spells) {
    json.begin_object();
    json.key("from").number(moment(spell.begin_ns));
    json.key("to").number(moment(spell.end_ns));
    write_findings(json.key("at_worst"), {spell.finding});
    json.end_object();
  }
  json.end_array();
}

// Each signal: how good it was, by which hook, and why not by a better one.
void write_signals(JsonWriter& json, const Snapshot& summary) {
  json.key("coverage").begin_array();
  const Coverage coverage(summary);
  for (const SignalCoverage& signal : coverage.signals()) {
    json.begin_object();
    json.key("signal").string(signal.signal);
    json.key("quality").string(quality_name(signal.quality));
    json.key("hook").string(signal.hook ? hook_text(*signal.hook) : "-");
    std::string notes = signal.hook ? signal.hook->note : "";
    for (const HookChoice* refused : signal.refused)
      notes += (notes.empty() ? "" : "; ") + hook_text(*refused) + ": " + refused->note;
    json.key("note").string(notes);
    json.end_object();
  }
  json.end_array();
}

void write_sums(JsonWriter& json, const Snapshot& summary) {
  const Totals totals = totals_of(summary, Coverage(summary));
  json.key("sums").begin_array();  // in the order of TotalName
  for (const Total& total : totals) {
    json.begin_object();
    json.key("count").number(std::round(total.per_second * summary.interval));
    json.key("quality").string(quality_name(total.quality));
    json.end_object();
  }
  json.end_array();
  json.key("lost").begin_object();
  json.key("events").number(summary.lost_delta.events);
  json.key("folded").number(summary.lost_delta.folded);
  json.key("untracked").number(summary.lost_delta.untracked);
  json.end_object();
}

void write_report(JsonWriter& json, const ReportData& report) {
  json.begin_object();
  json.key("host").string(report.summary.host);
  json.key("kernel").string(report.summary.kernel);
  json.key("version").string(report.summary.version);
  json.key("from").number(moment(report.begin_ns));
  json.key("to").number(moment(report.end_ns));
  json.key("intervals").number(report.intervals);
  json.key("clock_note").string(report.clock_note);
  write_texts(json, "files", report.files);
  write_texts(json, "damage", report.damage);
  write_sums(json, report.summary);
  write_signals(json, report.summary);
  write_spells(json, report.findings);
  if (report.series) {
    write_times(json, *report.series);
    write_page_plots(json.key("plots"), *report.series);
  }
  write_page_tables(json.key("tables"), report.summary);
  json.end_object();
}

}  // namespace

std::string page_json(const std::vector<ReportData>& reports) {
  JsonWriter json;
  json.begin_array();
  for (const ReportData& report : reports) write_report(json, report);
  json.end_array();
  return json.take();
}

}  // namespace tcpwatch
