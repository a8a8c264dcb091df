// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/cgroup_members.h"
#include "app/cli.h"
#include "app/commands.h"
#include "app/output.h"
#include "app/session.h"
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
    if (!filter_.matches(record)) return;
    auto line = json_ ? trace_json(record, clock_) : trace_text(record, clock_, style_);
    if (line) pending_ += *line + "\n";
    if (pending_.size() > kEnough) flush();
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

  TraceFilter filter_;
  TraceStyle style_;
  bool json_;
  WallClock clock_;
  Output output_;
  std::string pending_;
};

int run_trace(Options options, bool failures_only) {
  const auto part = filter_of(options);
  if (!part) return fail(part.error());
  TraceFilter filter;
  filter.pids = {part->pids.begin(), part->pids.end()};
  if (!part->comm.empty()) filter.comm = part->comm;
  filter.port = part->port;
  filter.netns = part->netns;
  filter.failures_only = failures_only;
  CgroupMembers members(part->cgroup);
  if (!part->cgroup.empty()) filter.worker = [&](tw_worker worker) { return members.has(worker); };
  TraceStyle style;
  style.width = Output::width();
  style.palette = use_color(options) ? Palette::kAnsi : Palette::kPlain;
  TracePrinter printer(std::move(filter), style, options.json);

  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  if (!failures_only) plan.detail |= TW_DETAIL_OUTCOMES | TW_DETAIL_CLOSES;
  plan.drain = kSoon;
  plan.on_drain = [&] { printer.flush(); };
  const auto result = watch(options, plan, printer, [&](Tracer&) { return printer.flush(); });
  if (!result) return fail(result.error());
  const auto written = printer.result();
  return written ? 0 : fail(written.error());
}

}  // namespace

void declare_trace(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand(
      "trace", "one line per connection outcome, accept-queue drop and failed connect");
  auto failures_only = std::make_shared<bool>(false);
  command->add_flag("--failures", *failures_only, "only what went wrong");
  add_watching_options(*command, options);
  add_filter_options(*command, options);
  add_output_options(*command, options);
  command->callback([&options, &chosen, failures_only] {
    chosen = [&options, failures_only] { return run_trace(options, *failures_only); };
  });
}

}  // namespace tcpwatch
