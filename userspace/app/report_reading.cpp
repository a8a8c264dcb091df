// SPDX-License-Identifier: Apache-2.0
#include "app/report_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "app/judged_stream.h"
#include "base/human.h"
#include "model/summary.h"

namespace tcpwatch {
namespace {

std::vector<std::string> damage_of(const CaptureSet& captures, const ReplayCount& count) {
  std::vector<std::string> lines;
  for (const FileReader& file : captures.files())
    if (file.damage().any())
      lines.push_back(fmt::format("{}: {} blocks lost, {} bytes{}{}", file.path(),
                                  file.damage().blocks, file.damage().bytes,
                                  file.damage().torn ? ", ends too early" : "",
                                  file.damage().header ? ", header damaged" : ""));
  if (count.all_skipped() != 0)
    lines.push_back(
        fmt::format("{} records of kinds that this tcpwatch does not know", count.all_skipped()));
  return lines;
}

// The lines of the plots. The summary stays where it is: they refer to its rows.
Result<> read_series(CaptureSet& captures, const Window& window, ReportData& data) {
  PageSeries& series = data.series.emplace(data.summary, data.findings, data.intervals);
  Model model;
  Replay source(captures, window, Kinds::counters());
  for (;;) {
    const auto more = source.advance(model);
    if (!more) return more.error();
    if (!*more) break;
    series.add(*model.snapshot());
  }
  series.end();
  return Ok{};
}

// What is read of one host, and when that was by its clock.
struct Span {
  Window window;
  std::uint64_t begin_ns = 0;
  std::uint64_t end_ns = 0;
};

Result<Span> span_of(const CaptureSet& captures, const ReportWish& wish, bool alone) {
  const auto window = window_of(wish.window, captures, !alone);
  if (!window) return window.error();
  const std::uint64_t offset = captures.wall_offset();
  const std::uint64_t begin = std::max(window->from, captures.first_time()) + offset;
  const std::uint64_t end = std::min(window->to, captures.last_time()) + offset;
  return Span{*window, begin, std::max(begin, end)};
}

// The time that the marks of the time lines stand for: of all hosts the same, so that what happened
// at one time stands in one column, unless they were recorded at quite different times.
Span axis_of(std::span<const Span> spans, const Span& own) {
  constexpr std::uint64_t kWorth = 3;  // as long as the longest recording
  Span all = own;
  std::uint64_t longest = 0;
  for (const Span& span : spans) {
    all.begin_ns = std::min(all.begin_ns, span.begin_ns);
    all.end_ns = std::max(all.end_ns, span.end_ns);
    longest = std::max(longest, span.end_ns - span.begin_ns);
  }
  return (all.end_ns - all.begin_ns) / kWorth <= longest ? all : own;
}

Result<> read_report(CaptureSet& captures, const ReportWish& wish, const Span& span,
                     const Span& axis, ReportData& data) {
  Timeline timeline(axis.begin_ns, axis.end_ns, wish.cells);
  Summary summary;
  FindingSpells findings;
  JudgedStream stream(wish.limits, {});
  // What the model learns from; stories are not even unpacked.
  Replay source(captures, span.window, Kinds::counters());
  for (;;) {
    const auto more = source.advance(stream);
    if (!more) return more.error();
    if (!*more) break;
    summary.add(stream.snapshot());
    timeline.add(stream.snapshot());
    findings.add(stream.findings(), stream.snapshot().realtime_ns);
  }
  data.begin_ns = span.begin_ns;
  data.end_ns = span.end_ns;
  data.timeline = std::move(timeline);
  data.intervals = summary.intervals();
  data.summary = summary.all();
  data.findings = findings.all();
  data.damage = damage_of(captures, source.count());
  for (const FileReader& file : captures.files()) data.files.push_back(file.path());
  return wish.plots ? read_series(captures, span.window, data) : Ok{};
}

// Hosts' clocks are their own: how far apart they are is not in the files.
void note_clocks(std::vector<ReportData>& reports) {
  if (reports.size() < 2) return;
  const std::uint64_t first = std::ranges::min(reports, {}, &ReportData::begin_ns).begin_ns;
  for (ReportData& report : reports)
    report.clock_note =
        fmt::format("by its own clock; begins {} after the first one here",
                    format_seconds(static_cast<double>(report.begin_ns - first) * 1e-9));
}

}  // namespace

Result<std::vector<ReportData>> read_reports(const std::vector<std::string>& files,
                                             const ReportWish& wish) {
  auto sets = CaptureSet::open(files);
  if (!sets) return sets.error();
  std::vector<Span> spans;
  for (const CaptureSet& captures : *sets) {
    const auto span = span_of(captures, wish, sets->size() == 1);
    if (!span) return span.error();
    spans.push_back(*span);
  }
  std::vector<ReportData> reports(sets->size());
  for (std::size_t host = 0; host < reports.size(); ++host) {
    const Span axis = axis_of(spans, spans[host]);
    const auto read = read_report((*sets)[host], wish, spans[host], axis, reports[host]);
    if (!read) return read.error();
  }
  note_clocks(reports);
  return reports;
}

}  // namespace tcpwatch
