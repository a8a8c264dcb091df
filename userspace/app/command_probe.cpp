// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "app/cli.h"
#include "app/commands.h"
#include "app/output.h"
#include "app/session.h"
#include "kernel/run_statistics.h"
#include "model/model.h"
#include "tcpwatch/bpf_config.h"
#include "views/probe.h"

namespace tcpwatch {
namespace {

std::string picture(const Snapshot& snapshot, const Tracer& tracer, const Options& options) {
  std::vector<ProgramCost> costs;
  for (const RunStatistics& program : tracer.costs())
    costs.push_back({program.name, program.runs, program.nanoseconds});
  if (options.json) return probe_json(snapshot, costs) + "\n";
  ProbeStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  return probe_text(snapshot, costs, style);
}

int run_probe(Options options) {
  if (!options.duration.empty()) {
    const auto duration = positive_duration("--duration", options.duration);
    if (!duration) return fail(duration.error());
    options.interval = options.duration;  // one picture, at the end
  }
  const UniqueFd statistics = enable_run_statistics();
  Model model;
  Output output;
  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  plan.intervals = 1;
  const auto result = watch(options, plan, model, [&](Tracer& tracer) {
    return output.write(picture(*model.snapshot(), tracer, options));
  });
  if (!result) return fail(result.error());
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

}  // namespace

void declare_probe(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand(
      "probe", "which signal is watched by which hook on this kernel, at what cost");
  add_watching_options(*command, options);
  add_output_options(*command, options);
  command->callback([&options, &chosen] { chosen = [&options] { return run_probe(options); }; });
}

}  // namespace tcpwatch
