// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/judged_stream.h"
#include "app/options.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "base/human.h"
#include "model/summary.h"
#include "views/report.h"

namespace tcpwatch {
namespace {

struct ReportOptions {
  ReplayOptions window;  // and the files
  bool compare = false;
};

constexpr std::size_t kBeside = 24;  // columns of a time line's line that are no marks

std::vector<std::string> damage_of(const CaptureSet& captures, const ReplayCount& count) {
  std::vector<std::string> lines;
  for (const FileReader& file : captures.files())
    if (file.damage().any())
      lines.push_back(fmt::format("{}: {} blocks lost, {} bytes{}", file.path(),
                                  file.damage().blocks, file.damage().bytes,
                                  file.damage().torn ? ", ends too early" : ""));
  if (count.all_skipped() != 0)
    lines.push_back(
        fmt::format("{} records of kinds that this tcpwatch does not know", count.all_skipped()));
  return lines;
}

Result<ReportData> read_report(CaptureSet& captures, const ReplayOptions& options,
                               std::size_t cells) {
  auto window = window_of(options, captures);
  if (!window) return window.error();
  const std::uint64_t offset = captures.wall_offset();
  const std::uint64_t begin = std::max(window->from, captures.first_time()) + offset;
  const std::uint64_t end = std::max(begin, std::min(window->to, captures.last_time()) + offset);
  Timeline timeline(begin, end, cells);
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
  ReportData data{.begin_ns = begin, .end_ns = end, .timeline = std::move(timeline)};
  data.intervals = summary.intervals();
  data.summary = summary.all();
  data.findings = findings.all();
  data.damage = damage_of(captures, source.count());
  for (const FileReader& file : captures.files()) data.files.push_back(file.path());
  return data;
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

int run_report(const Options& options, const ReportOptions& wanted) {
  ReportStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  std::vector<std::vector<std::string>> groups{wanted.window.files};
  if (wanted.compare) {
    if (wanted.window.files.size() != 2)
      return fail({ErrorKind::kUsage, "--compare takes two captures",
                   "tcpwatch report --compare BEFORE.tcpw AFTER.tcpw"});
    groups = {{wanted.window.files[0]}, {wanted.window.files[1]}};
  }
  std::vector<ReportData> reports;
  for (const auto& group : groups) {
    auto sets = CaptureSet::open(group);
    if (!sets) return fail(sets.error());
    for (CaptureSet& captures : *sets) {
      auto report = read_report(captures, wanted.window,
                                style.width > kBeside + 20 ? style.width - kBeside : 20);
      if (!report) return fail(report.error());
      reports.push_back(std::move(*report));
    }
  }
  Output output;
  if (wanted.compare) {
    output.write(options.json ? compare_json(reports[0], reports[1]) + "\n"
                              : compare_text(reports[0], reports[1], style));
  } else {
    note_clocks(reports);
    for (std::size_t i = 0; i < reports.size(); ++i)
      output.write(options.json ? report_json(reports[i]) + "\n"
                                : (i == 0 ? "" : "\n") + report_text(reports[i], style));
  }
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

}  // namespace

void declare_report(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("report", "what happened in a capture, on one page");
  auto report = std::make_shared<ReportOptions>();
  command->add_option("FILE", report->window.files, "captures")->required();
  command->add_flag("--compare", report->compare, "two captures: before and after a change");
  add_window_options(*command, report->window);
  add_output_options(*command, options);
  command->callback([&options, &chosen, report] {
    chosen = [&options, report] { return run_report(options, *report); };
  });
}

}  // namespace tcpwatch
