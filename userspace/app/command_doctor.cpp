// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/agent/nginx_status.h"
#include "app/cli.h"
#include "app/commands.h"
#include "app/judged_stream.h"
#include "app/output.h"
#include "app/preflight_facts.h"
#include "app/replay_options.h"
#include "app/session.h"
#include "app/settings_source.h"
#include "base/clock.h"
#include "base/human.h"
#include "tcpwatch/bpf_config.h"
#include "views/doctor.h"
#include "views/preflight.h"

namespace tcpwatch {
namespace {

constexpr const char* kLook = "500ms";  // short enough to tell a burst from what lasts
constexpr const char* kDuration = "10s";
constexpr double kSlack = 0.1;       // seconds; the last interval may be a little short
constexpr double kHoldShare = 0.3;   // of a look that is shorter than usual
constexpr double kPagesEvery = 0.5;  // seconds

struct DoctorOptions {
  bool watch = false;
  bool preflight = false;
  std::vector<std::string> nginx;  // stub_status pages
  std::string config;
  ReplayOptions replay;
};

int exit_code(const Findings& findings) { return static_cast<int>(worst_severity(findings)); }

// "looking: 3s of 10s" where somebody waits for it.
class Progress {
 public:
  explicit Progress(double whole) : whole_(whole), shown_(::isatty(STDERR_FILENO) != 0) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tell(double watched, const Findings& findings) {
    if (!shown_) return;
    std::fputs(fmt::format("\r\x1b[Klooking: {} of {}, so far {}", format_seconds(watched),
                           format_seconds(whole_), verdict_name(findings))
                   .c_str(),
               stderr);
    std::fflush(stderr);
  }
  void clear() const {
    if (shown_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  double whole_;
  bool shown_;
};

std::string report(const DoctorView& view, const Options& options) {
  if (options.json) return doctor_json(view) + "\n";
  return doctor_text(view, use_color(options) ? Palette::kAnsi : Palette::kPlain);
}

int run_preflight(const Options& options) {
  const auto facts = read_preflight_facts(options);
  if (!facts) return fail(facts.error());
  const std::vector<Check> checks = preflight(*facts);
  Output output;
  output.write(options.json
                   ? preflight_json(checks, realtime_ns()) + "\n"
                   : preflight_text(checks, use_color(options) ? Palette::kAnsi : Palette::kPlain));
  if (const auto written = output.result(); !written) return fail(written.error());
  return checks.empty() ? 0 : static_cast<int>(checks.front().severity);
}

// Of a whole capture: its worst moment, the last of equals.
struct Worst {
  Findings findings;
  Snapshot snapshot;

  void see(const JudgedStream& stream) {
    const bool worse = worst_severity(stream.findings()) >= worst_severity(findings);
    if (!worse || (stream.findings().empty() && !findings.empty())) return;
    findings = stream.findings();
    snapshot = stream.snapshot();
  }
};

int run_replay(const Options& options, const DoctorOptions& doctor) {
  const auto filter = filter_of(options, false);
  if (!filter) return fail(filter.error());
  const auto settings = settings_to_judge_by(doctor.config);
  if (!settings) return fail(settings.error());
  JudgedStream stream(settings->thresholds, *filter);
  Worst worst;
  const auto see = [&] {
    worst.see(stream);
    return true;
  };
  if (const int code = play(doctor.replay, stream, see, Kinds::counters()); code != 0) return code;
  if (worst.snapshot.realtime_ns == 0)
    return fail({ErrorKind::kCannotTell, "no interval of the capture ends in that time",
                 "`tcpwatch capture info FILE` tells what time a capture holds"});
  Output output;
  output.write(report({worst.snapshot, worst.findings, stream.watched()}, options));
  if (const auto written = output.result(); !written) return fail(written.error());
  return exit_code(worst.findings);
}

// Those that were named, else those of the settings.
Result<std::vector<NginxSettings>> pages_of(const DoctorOptions& doctor, const Settings& settings) {
  if (doctor.nginx.empty()) return settings.nginx;
  std::vector<NginxSettings> pages;
  for (const std::string& url : doctor.nginx) {
    if (const auto parsed = parse_http_url(url); !parsed) return parsed.error();
    pages.push_back({.status_url = url});
  }
  return pages;
}

// A page that never answered is told: its word is missing.
void tell_unread(NginxStatus& nginx) {
  for (const auto& page : nginx.pages())
    if (page.reads == 0)
      std::fputs(fmt::format("warning: {}\n", page.error.empty() ? page.url : page.error).c_str(),
                 stderr);
}

int run_doctor(Options options, const DoctorOptions& doctor) {
  if (doctor.preflight) return run_preflight(options);
  if (doctor.replay.wanted()) return run_replay(options, doctor);
  if (options.duration.empty()) options.duration = kDuration;
  const auto duration = positive_duration("--duration", options.duration);
  if (!duration) return fail(duration.error());
  const auto filter = filter_of(options);
  if (!filter) return fail(filter.error());
  const auto settings = settings_to_judge_by(doctor.config);
  if (!settings) return fail(settings.error());
  const auto pages = pages_of(doctor, *settings);
  if (!pages) return fail(pages.error());
  const double whole = std::chrono::duration<double>(*duration).count();
  Thresholds limits = settings->thresholds;
  limits.hold = std::min(limits.hold, kHoldShare * whole);
  options.interval = kLook;
  options.duration.clear();  // attaching takes its time, and is no looking: see below

  JudgedStream stream(limits, *filter);
  Output output;
  Progress progress(whole);
  SessionPlan plan;
  plan.detail = TW_DETAIL_FAILURES;
  NginxStatus nginx(*pages, kPagesEvery);
  plan.more_facts = [&](RecordSink& sink, std::uint64_t) {
    for (const tw_nginx& record : nginx.take()) sink.on_record(&record);
  };
  double told = 0;
  bool done = false;
  const auto view = [&] {
    return DoctorView{stream.snapshot(), stream.findings(), stream.watched()};
  };
  const auto result = watch(options, plan, stream, [&](Tracer&) {
    progress.tell(stream.watched() - told, stream.findings());
    if (stream.watched() - told < whole - kSlack) return true;
    told = stream.watched();
    done = true;
    progress.clear();
    return output.write(report(view(), options)) && doctor.watch;
  });
  if (!result) return fail(result.error());
  progress.clear();
  tell_unread(nginx);
  if (!done) output.write(report(view(), options));
  if (const auto written = output.result(); !written) return fail(written.error());
  // Ended by Ctrl-C: what was seen is told, and that is a success.
  return doctor.watch || !done ? 0 : exit_code(stream.findings());
}

}  // namespace

void declare_doctor(CLI::App& cli, Options& options, Action& chosen) {
  auto* command =
      cli.add_subcommand("doctor", "what is wrong, for whom, on what evidence, and what to do");
  auto doctor = std::make_shared<DoctorOptions>();
  command->add_option("--duration", options.duration, "look for this long (10s)")->type_name("DUR");
  auto* watch = command->add_flag("--watch", doctor->watch, "again and again, until Ctrl-C");
  command
      ->add_flag("--preflight", doctor->preflight,
                 "judge limits without looking for long, and without BPF")
      ->excludes(watch);
  command->add_option("--nginx-status", doctor->nginx, "stub_status page of an nginx: its own word")
      ->type_name("URL");
  add_config_option(*command, doctor->config);
  add_replay_options(*command, doctor->replay);
  add_deny_option(*command, options);
  add_filter_options(*command, options);
  add_output_options(*command, options);
  command->footer("Exit codes: 0 healthy; 1 warning; 2 critical; 3 could not tell.");
  command->callback([&options, &chosen, doctor] {
    chosen = [&options, doctor] { return run_doctor(options, *doctor); };
  });
}

}  // namespace tcpwatch
