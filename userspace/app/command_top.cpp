// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/flight.h"
#include "app/judged_stream.h"
#include "app/live_screen.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "app/replay_screen.h"
#include "app/session.h"
#include "app/settings_source.h"
#include "base/text.h"
#include "model/filter.h"
#include "model/model.h"
#include "tcpwatch/bpf_config.h"
#include "views/batch_text.h"
#include "views/json.h"

namespace tcpwatch {
namespace {

constexpr int kMostIntervals = 1'000'000'000;

struct TopOptions {
  bool batch = false;
  std::optional<std::uint64_t> count;
  std::string config;
  ReplayOptions replay;
  Thresholds limits;  // of the settings
};

std::string picture(const Snapshot& snapshot, const Findings& findings, const Options& options,
                    bool first) {
  if (options.json) return view_json(snapshot, findings) + "\n";
  BatchStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  return (first ? "" : "\n") + batch_text(snapshot, style);
}

int watch_batch(const Options& options, const TopOptions& top, RecordSink& sink,
                const std::function<bool()>& on_tick) {
  Flight flight(sink, TW_DETAIL_FAILURES);
  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  plan.intervals = top.count;
  plan.on_dump = [&] { fmt::print(stderr, "tcpwatch: {}\n", sanitize(flight.dump())); };
  auto result = watch(options, plan, flight, [&](Tracer&) { return on_tick(); });
  if (result) result = flight.finish();
  return result ? 0 : fail(result.error());
}

int run_batch(const Options& options, const TopOptions& top, const Filter& filter) {
  const bool replayed = top.replay.wanted();
  JudgedStream stream(top.limits, filter);
  Output output;
  std::uint64_t shown = 0;
  const auto on_tick = [&] {
    const bool written =
        output.write(picture(stream.snapshot(), stream.findings(), options, shown == 0));
    return ++shown != top.count && written;
  };
  const int code = replayed ? play(top.replay, stream, on_tick, Kinds::counters())
                            : watch_batch(options, top, stream, on_tick);
  const auto written = output.result();
  return code != 0 || written ? code : fail(written.error());
}

// Errors are printed once the terminal is what it was.
Result<> run_screen(const Options& options, const TopOptions& top, const Filter& filter) {
  const auto interval = positive_duration("--interval", options.interval);
  if (!interval) return interval.error();
  auto terminal = Terminal::open(use_color(options));
  if (!terminal) return terminal.error();
  LiveScreen screen(**terminal, filter, top.limits, *interval);
  Model model;
  Flight flight(model, TW_DETAIL_FAILURES);
  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  plan.intervals = top.count;
  plan.wake_fd = (*terminal)->wake_fd();
  plan.on_wake = [&](LiveSource& source) {
    ScreenControl control;
    control.set_interval = [&](std::chrono::nanoseconds chosen) { source.set_interval(chosen); };
    control.capture = [&] { return flight.dump(); };
    return screen.on_keys(control);
  };
  plan.on_dump = [&] { screen.tell(flight.dump()); };
  const auto result = watch(options, plan, flight, [&](Tracer&) {
    screen.on_tick(model.snapshot());
    return true;
  });
  const auto finished = flight.finish();
  return result ? finished : result;
}

Result<> replay_screen(const Options& options, const TopOptions& top, const Filter& filter) {
  auto captures = CaptureSet::open_one(top.replay.files);
  if (!captures) return captures.error();
  const auto window = window_of(top.replay, *captures);
  if (!window) return window.error();
  Replay source(*captures, *window, Kinds::counters());
  {
    auto terminal = Terminal::open(use_color(options));
    if (!terminal) return terminal.error();
    LiveScreen screen(**terminal, filter, top.limits, std::chrono::seconds(1));
    const auto shown = ReplayScreen(**terminal, screen, source, top.replay.speed).run();
    if (!shown) return shown;
  }
  tell_damage(*captures, source.count());
  return Ok{};
}

int run_top(const Options& options, TopOptions top) {
  const auto filter = filter_of(options, !top.replay.wanted());
  if (!filter) return fail(filter.error());
  const auto settings = settings_to_judge_by(top.config);
  if (!settings) return fail(settings.error());
  top.limits = settings->thresholds;
  if (top.batch || options.json) return run_batch(options, top, *filter);
  const auto result = top.replay.wanted() ? replay_screen(options, top, *filter)
                                          : run_screen(options, top, *filter);
  return result ? 0 : fail(result.error());
}

}  // namespace

int show_top(const Options& options) { return run_top(options, TopOptions{}); }

void declare_top(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("top", "workers, listeners and destinations, live");
  auto top = std::make_shared<TopOptions>();
  command->add_flag("--batch", top->batch, "print tables instead of drawing a screen");
  command->add_option("-n,--count", top->count, "end after so many intervals")
      ->type_name("N")
      ->check(CLI::Range(1, kMostIntervals).description(""));
  add_watching_options(*command, options);
  add_config_option(*command, top->config);
  add_replay_options(*command, top->replay);
  add_filter_options(*command, options);
  add_output_options(*command, options);
  command->callback(
      [&options, &chosen, top] { chosen = [&options, top] { return run_top(options, *top); }; });
}

}  // namespace tcpwatch
