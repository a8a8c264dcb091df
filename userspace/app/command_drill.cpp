// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/rehearsal.h"
#include "app/stop.h"
#include "drill/stage.h"
#include "tcpwatch/bpf_config.h"
#include "views/doctor.h"

namespace tcpwatch {
namespace {

constexpr const char* kDuration = "60s";
constexpr std::chrono::seconds kMost{600};        // that a drill may be asked to last
constexpr std::chrono::seconds kCheckAtMost{15};  // until doctor has found it

struct DrillOptions {
  std::string name;
  bool check = false;
  bool top = false;
  bool list = false;
};

int print_list() {
  Output output;
  for (const Scenario& scenario : scenarios())
    output.write(fmt::format("{:28}{}\n", scenario.name, scenario.makes));
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

std::string told(const Scenario& scenario) {
  const auto after = scenario.shows_after.count();
  return fmt::format("drill {}: {}\nexpect: {}{}\n", scenario.name, scenario.makes, scenario.name,
                     after == 0 ? "" : fmt::format(", {} s after its beginning", after));
}

// True: doctor named it.
Result<bool> check(Rehearsal& rehearsal, const Scenario& scenario, const Options& options,
                   Output& output) {
  const auto tracer = tracer_options(options, TW_DETAIL_FAILURES);
  if (!tracer) return tracer.error();
  output.write(told(scenario));
  const auto rehearsed = rehearsal.check(scenario, kCheckAtMost, tracer->denied);
  if (!rehearsed) return rehearsed.error();
  const DoctorView view{rehearsed->snapshot, rehearsed->findings, rehearsed->seconds};
  output.write(doctor_text(view, use_color(options) ? Palette::kAnsi : Palette::kPlain));
  output.write(rehearsed->right ? fmt::format("ok {}\n\n", scenario.name)
                                : fmt::format("FAIL {}: {}\n\n", scenario.name, rehearsed->wrong));
  return rehearsed->right;
}

int check_all(const Options& options, std::span<const Scenario> wanted) {
  Output output;
  std::size_t passed = 0;
  auto rehearsal = Rehearsal::open(wanted);
  if (!rehearsal) return fail(rehearsal.error());
  for (const Scenario& scenario : wanted) {
    const auto right = check(*rehearsal, scenario, options, output);
    if (!right) return fail(right.error());
    passed += *right ? 1 : 0;
  }
  if (wanted.size() > 1)
    output.write(fmt::format("{} passed, {} failed, 0 skipped\n", passed, wanted.size() - passed));
  if (const auto written = output.result(); !written) return fail(written.error());
  return passed == wanted.size() ? 0 : 1;
}

int play(const Scenario& scenario, Options options, bool top) {
  if (options.duration.empty() && !top) options.duration = kDuration;
  std::chrono::nanoseconds duration = kMost;
  if (!options.duration.empty()) {
    const auto parsed = positive_duration("--duration", options.duration);
    if (!parsed) return fail(parsed.error());
    duration = std::min<std::chrono::nanoseconds>(*parsed, kMost);
  }
  // A second more than wanted: it is ended from here.
  const auto stage = Stage::open(
      scenario, std::chrono::ceil<std::chrono::seconds>(duration) + std::chrono::seconds(1));
  if (!stage) return fail(stage.error());
  options.netns = fmt::format("/proc/{}/ns/net", (*stage)->leader());
  if (top) return show_top(options);
  const auto stop = take_stop_signals();
  if (!stop) return fail(stop.error());
  Output output;
  output.write(told(scenario));
  output.write(
      fmt::format("see it:  tcpwatch top --netns {}\njudge:   tcpwatch doctor --netns {}\n",
                  options.netns, options.netns));
  pollfd waiting{stop->get(), POLLIN, 0};
  ::poll(&waiting, 1,
         static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(duration).count()));
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

int run_drill(const Options& options, const DrillOptions& drill) {
  if (drill.list || drill.name == "list") return print_list();
  if (drill.name == "all" && drill.check) return check_all(options, scenarios());
  const Scenario* scenario = scenario_of(drill.name);
  if (!scenario) {
    const std::string what = drill.name.empty()    ? "drill: which one?"
                             : drill.name == "all" ? "drill all goes with --check"
                                                   : "there is no drill " + drill.name;
    return fail({ErrorKind::kUsage, what, "`tcpwatch drill list` names them"});
  }
  if (drill.check) return check_all(options, {scenario, 1});
  return play(*scenario, options, drill.top);
}

}  // namespace

void declare_drill(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand(
      "drill", "makes one of the known incidents, in a network namespace of its own");
  auto drill = std::make_shared<DrillOptions>();
  command->add_option("name", drill->name, "which; `list` names them, `all` with --check")
      ->type_name("NAME");
  auto* check =
      command->add_flag("--check", drill->check, "let doctor judge it; exit 0 if it is right");
  command->add_flag("--top", drill->top, "show it in top")->excludes(check);
  command->add_flag("--list", drill->list, "what there is");
  command->add_option("--duration", options.duration, "end after this time (60s; at most 10m)")
      ->type_name("DUR");
  add_deny_option(*command, options);
  command->add_flag("--no-color", options.no_color, "no colours (also: NO_COLOR=1)");
  command->callback([&options, &chosen, drill] {
    chosen = [&options, drill] { return run_drill(options, *drill); };
  });
}

}  // namespace tcpwatch
