// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/report_reading.h"
#include "app/settings_source.h"
#include "app/whole_file.h"
#include "base/human.h"
#include "base/text.h"
#include "views/report.h"

namespace tcpwatch {
namespace {

struct ReportOptions {
  ReplayOptions window;  // and the files
  std::string html;      // where to write the page; empty: no page
  bool compare = false;
  std::string config;
};

constexpr std::size_t kBeside = 24;  // columns of a time line's line that are no marks

// On the page there is room for everything; on the terminal one line tells where it is.
Result<> write_page(const std::string& path, const std::vector<ReportData>& reports,
                    Output& output) {
  const std::string page = report_page(reports);
  if (path == "-") {
    output.write(page);
    return output.result();
  }
  if (const auto written = write_whole_file(path, page); !written) return written.error();
  output.write(
      fmt::format("{}: {}\n", sanitize(path), format_bytes(static_cast<double>(page.size()))));
  return output.result();
}

Result<> compare(const Options& options, const ReportOptions& wanted, const ReportWish& wish,
                 const ReportStyle& style, Output& output) {
  std::vector<ReportData> both;
  for (const std::string& file : wanted.window.files) {
    auto reports = read_reports({file}, wish);
    if (!reports) return reports.error();
    both.push_back(std::move(reports->front()));
  }
  output.write(options.json ? compare_json(both[0], both[1]) + "\n"
                            : compare_text(both[0], both[1], style));
  return output.result();
}

Result<> report(const Options& options, const ReportOptions& wanted, const ReportWish& wish,
                const ReportStyle& style, Output& output) {
  const auto reports = read_reports(wanted.window.files, wish);
  if (!reports) return reports.error();
  if (!wanted.html.empty()) return write_page(wanted.html, *reports, output);
  for (std::size_t i = 0; i < reports->size(); ++i)
    output.write(options.json ? report_json((*reports)[i]) + "\n"
                              : (i == 0 ? "" : "\n") + report_text((*reports)[i], style));
  return output.result();
}

int run_report(const Options& options, const ReportOptions& wanted) {
  ReportStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  if (wanted.compare && wanted.window.files.size() != 2)
    return fail({ErrorKind::kUsage, "--compare takes two captures",
                 "tcpwatch report --compare BEFORE.tcpw AFTER.tcpw"});
  ReportWish wish;
  wish.window = wanted.window;
  wish.cells = style.width > kBeside + 20 ? style.width - kBeside : 20;
  wish.plots = !wanted.html.empty();
  const auto settings = settings_to_judge_by(wanted.config);
  if (!settings) return fail(settings.error());
  wish.limits = settings->thresholds;
  Output output;
  const auto done = wanted.compare ? compare(options, wanted, wish, style, output)
                                   : report(options, wanted, wish, style, output);
  return done ? 0 : fail(done.error());
}

}  // namespace

void declare_report(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("report", "what happened in a capture, on one page");
  auto report = std::make_shared<ReportOptions>();
  command->add_option("FILE", report->window.files, "captures")->required();
  auto* page = command->add_option(
      "--html", report->html, "write one page with plots for a browser (-: to standard output)");
  page->type_name("OUT");
  command->add_flag("--compare", report->compare, "two captures: before and after a change")
      ->excludes(page);
  add_config_option(*command, report->config);
  add_window_options(*command, report->window);
  add_output_options(*command, options);
  command->callback([&options, &chosen, report] {
    chosen = [&options, report] { return run_report(options, *report); };
  });
}

}  // namespace tcpwatch
