// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "app/session.h"
#include "app/story_filter.h"
#include "model/model.h"
#include "tcpwatch/bpf_config.h"
#include "views/trace.h"

namespace tcpwatch {
namespace {

constexpr std::chrono::milliseconds kSoon{50};  // people watch the lines come

// Prints stories as they come; the clock is set by the host record that every stream begins with.
class TracePrinter : public RecordSink {
 public:
  TracePrinter(TraceFilter filter, TraceStyle style, bool json)
      : filter_(std::move(filter)), style_(style), json_(json) {
    if (!json_) output_.write(trace_heading(style_) + "\n");
  }

  void on_record(const Record& record) override {
    if (const auto* const* host = std::get_if<const tw_host*>(&record)) clock_ = WallClock(**host);
    model_.on_record(record);
    if (std::holds_alternative<const tw_tick*>(record)) tell_polled(*model_.snapshot());
    if (!filter_.matches(record)) return;
    auto line = json_ ? trace_json(record, clock_) : trace_text(record, clock_, style_);
    if (line) tell(*line);
  }

  // Whole batches: a write per line would cost more than the tracing. False: nobody reads.
  bool flush() {
    const bool written = output_.write(pending_);
    pending_.clear();
    return written;
  }
  Result<> result() const { return output_.result(); }

 private:
  static constexpr std::size_t kEnough = 64 * 1024;

  void tell(const std::string& line) {
    pending_ += line + "\n";
    if (pending_.size() > kEnough) flush();
  }
  void tell_polled(const Snapshot& snapshot) {
    for (const Listener* row : polled_drops(snapshot))
      if (filter_.matches(*row, snapshot))
        tell(json_ ? trace_json(*row, snapshot) : trace_text(*row, snapshot, style_));
  }

  TraceFilter filter_;
  TraceStyle style_;
  bool json_;
  WallClock clock_;
  Model model_;  // knows what was refused where no hook tells
  Output output_;
  std::string pending_;
};

int run_live(const Options& options, bool failures_only, TracePrinter& printer) {
  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  if (!failures_only) plan.detail |= TW_DETAIL_OUTCOMES | TW_DETAIL_CLOSES;
  plan.drain = kSoon;
  plan.on_drain = [&] { printer.flush(); };
  const auto result = watch(options, plan, printer, [&](Tracer&) { return printer.flush(); });
  return result ? 0 : fail(result.error());
}

int run_trace(const Options& options, const ReplayOptions& replay, bool failures_only) {
  const auto part = filter_of(options, !replay.wanted());
  if (!part) return fail(part.error());
  TraceFilter filter = replay.wanted() ? story_filter(*part) : live_story_filter(*part);
  filter.failures_only = failures_only;
  if (replay.wanted() && !part->cgroup.empty()) {
    auto members = recorded_members(replay, part->cgroup);
    if (!members) return fail(members.error());
    filter.worker = [known = std::move(*members)](tw_worker worker) {
      return known.contains(worker);
    };
  }
  TraceStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  TracePrinter printer(std::move(filter), style, options.json);
  const int code = replay.wanted() ? play(replay, printer, [&] { return printer.flush(); })
                                   : run_live(options, failures_only, printer);
  printer.flush();
  const auto written = printer.result();
  return code != 0 || written ? code : fail(written.error());
}

}  // namespace

void declare_trace(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand(
      "trace", "one line per connection outcome, accept-queue drop and failed connect");
  auto failures_only = std::make_shared<bool>(false);
  command->add_flag("--failures", *failures_only, "only what went wrong");
  auto replay = std::make_shared<ReplayOptions>();
  add_watching_options(*command, options);
  add_replay_options(*command, *replay);
  add_filter_options(*command, options);
  add_output_options(*command, options);
  command->callback([&options, &chosen, failures_only, replay] {
    chosen = [&options, failures_only, replay] {
      return run_trace(options, *replay, *failures_only);
    };
  });
}

}  // namespace tcpwatch
