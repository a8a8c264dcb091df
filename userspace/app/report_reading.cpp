// SPDX-License-Identifier: Apache-2.0
#include "app/report_reading.h"

#include <fmt/format.h>

#include <algorithm>

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

Result<> read_report(CaptureSet& captures, const ReportWish& wish, ReportData& data) {
  const auto window = window_of(wish.window, captures);
  if (!window) return window.error();
  const std::uint64_t offset = captures.wall_offset();
  const std::uint64_t begin = std::max(window->from, captures.first_time()) + offset;
  const std::uint64_t end = std::max(begin, std::min(window->to, captures.last_time()) + offset);
  Timeline timeline(begin, end, wish.cells);
  Summary summary;
  FindingSpells findings;
  JudgedStream stream(Thresholds{}, {}, Looks::kReplayed);
  // What the model learns from; stories are not even unpacked.
  Replay source(captures, *window, Kinds::counters());
  for (;;) {
    const auto more = source.advance(stream);
    if (!more) return more.error();
    if (!*more) break;
    summary.add(stream.snapshot());
    timeline.add(stream.snapshot());
    findings.add(stream.findings(), stream.snapshot().realtime_ns);
  }
  data.begin_ns = begin;
  data.end_ns = end;
  data.timeline = std::move(timeline);
  data.intervals = summary.intervals();
  data.summary = summary.all();
  data.findings = findings.all();
  data.damage = damage_of(captures, source.count());
  for (const FileReader& file : captures.files()) data.files.push_back(file.path());
  return wish.plots ? read_series(captures, *window, data) : Ok{};
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
  std::vector<ReportData> reports(sets->size());
  for (std::size_t host = 0; host < reports.size(); ++host) {
    const auto read = read_report((*sets)[host], wish, reports[host]);
    if (!read) return read.error();
  }
  note_clocks(reports);
  return reports;
}

}  // namespace tcpwatch
