// SPDX-License-Identifier: Apache-2.0
#include "app/agent/agent.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/agent/privileges.h"
#include "app/agent/textfile.h"
#include "app/footprint.h"
#include "app/session.h"
#include "base/clock.h"
#include "host/proc_file.h"
#include "tcpwatch/bpf_config.h"
#include "views/json.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kLookAtStatistics = 16;  // intervals
constexpr std::uint64_t kShrink = 256;           // likewise

std::uint32_t detail_of(const Settings& settings) {
  return TW_DETAIL_FAILURES | (settings.capture_detail == "connections" ? TW_DETAIL_CLOSES : 0U);
}

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// Of PID 1's namespace, that addresses need no label for; ours if that may not be known.
std::uint32_t host_netns() {
  struct stat about{};
  if (::stat("/proc/1/ns/net", &about) != 0 && ::stat("/proc/self/ns/net", &about) != 0) return 0;
  return static_cast<std::uint32_t>(about.st_ino);
}

MetricsOptions metrics_options(const Settings& settings) {
  return {.max_series = settings.max_series, .pids = settings.pid_label, .netns = host_netns()};
}

// Longer than any interval takes, and than a pause of a machine that swaps.
std::uint64_t stalled_after(const Settings& settings) {
  return static_cast<std::uint64_t>(settings.interval.count()) * 5 + 10'000'000'000;
}

Result<std::string> credentials(const Settings& settings) {
  if (settings.web_user.empty()) return std::string();
  std::string password;
  if (settings.web_password_file.empty() || !read_file(settings.web_password_file, password))
    return Error{
        ErrorKind::kBadInput,
        "web.user needs a password: cannot read web.password-file " + settings.web_password_file,
        ""};
  while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
  if (password.empty()) return Error{ErrorKind::kBadInput, "web.password-file is empty", ""};
  return settings.web_user + ":" + password;
}

Result<UniqueFd> take_reload_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGHUP);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd || ::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0)
    return Error{ErrorKind::kInputOutput, "cannot take over SIGHUP", ""};
  return fd;
}

}  // namespace

Agent::Agent(Settings settings, std::function<Result<Settings>()> reload)
    : settings_(std::move(settings)),
      reload_(std::move(reload)),
      journal_([this](std::string_view line) {
        if (lines_) lines_->write(line);
      }),
      stream_(settings_.thresholds, Filter{}),
      recorder_(stream_, settings_, detail_of(settings_)),
      triggers_(settings_.triggers, settings_.capture_on),
      publisher_(metrics_options(settings_), stalled_after(settings_)) {}

Result<> Agent::open() {
  if (!settings_.jsonl.empty()) {
    auto sink = LineSink::open(settings_.jsonl);
    if (!sink) return sink.error();
    lines_ = std::move(*sink);
  }
  return serve();
}

Result<> Agent::serve() {
  std::shared_ptr<TlsIdentity> identity;
  if (!settings_.web_certificate.empty() || !settings_.web_key.empty()) {
    auto loaded = TlsIdentity::load(settings_.web_certificate, settings_.web_key);
    if (!loaded) return loaded.error();
    identity = std::move(*loaded);
  }
  const auto login = credentials(settings_);
  if (!login) return login.error();
  auto listener = listen_for_web(settings_.web_address);
  if (!listener) return listener.error();
  WebSource source;
  source.metrics = [this](bool openmetrics) {
    return publisher_.metrics(openmetrics ? Dialect::kOpenMetrics : Dialect::kPrometheus);
  };
  source.view = [this] { return publisher_.view(); };
  source.findings = [this] { return publisher_.findings(); };
  source.alive = [this] { return publisher_.alive(); };
  source.ready = [this] { return publisher_.ready(); };
  web_ = std::make_unique<WebServer>(std::move(*listener), std::move(identity),
                                     WebPages(std::move(source), *login));
  return Ok{};
}

Result<> Agent::attached() {
  const auto kept = keep_needed_capabilities();
  if (!kept) return kept.error();
  journal_.info(fmt::format("hooks are attached; capabilities kept: {}; serving on {}", *kept,
                            web_->address()));
  start_pushing();
  start_reading_pages();
  return Ok{};
}

void Agent::start_pushing() {
  if (push_) pushes_ = push_->counts() + pushes_;
  push_.reset();
  if (const auto url = parse_http_url(settings_.push_otlp); !settings_.push_otlp.empty() && url)
    push_ = std::make_unique<OtlpPush>(*url, seconds(settings_.push_interval),
                                       [this] { return publisher_.otlp(); });
}

void Agent::start_reading_pages() {
  nginx_.reset();
  if (!settings_.nginx.empty())
    nginx_ = std::make_unique<NginxStatus>(settings_.nginx, seconds(settings_.interval));
}

void Agent::read_settings_again() {
  supervisor_.reloading();
  auto settings = reload_();
  if (!settings) {
    ++failed_reloads_;
    journal_.warn("the old settings stay: " + settings.error().message);
  } else {
    ++reloads_;
    std::string restart;
    for (const Setting& setting : setting_table()) {
      if (setting.on_reload || setting.shown(*settings) == setting.shown(settings_)) continue;
      restart += (restart.empty() ? "" : ", ") + std::string(setting.name);
      (void)setting.set(*settings, setting.shown(settings_));
    }
    // What did not change goes on: it may be in the middle of something.
    const bool other_push = settings->push_otlp != settings_.push_otlp ||
                            settings->push_interval != settings_.push_interval;
    const bool other_pages = settings->nginx != settings_.nginx;
    const bool other_triggers =
        settings->triggers != settings_.triggers || settings->capture_on != settings_.capture_on;
    settings_ = std::move(*settings);
    stream_.set_thresholds(settings_.thresholds);
    recorder_.set(settings_);
    if (other_triggers) triggers_ = Triggers(settings_.triggers, settings_.capture_on);
    if (other_push) start_pushing();
    if (other_pages) start_reading_pages();
    journal_.info("settings were read again" +
                  (restart.empty() ? "" : "; a restart is needed for " + restart));
  }
  supervisor_.ready("watching");
}

// The same complaint is not repeated at every interval.
void Agent::complain_once(std::string& last, const std::string& now) {
  if (!now.empty() && now != last) journal_.warn(now);
  last = now;
}

void Agent::tell_pages(RecordSink& sink) {
  if (!nginx_) return;
  for (const tw_nginx& record : nginx_->take()) sink.on_record(&record);
  std::string error;
  for (const auto& page : nginx_->pages())
    if (error.empty()) error = page.error;
  complain_once(nginx_error_, error);
}

void Agent::write_textfile() {
  const std::uint64_t now = monotonic_ns();
  if (settings_.textfile.empty() || now < textfile_due_ns_) return;
  textfile_due_ns_ = now + static_cast<std::uint64_t>(settings_.push_interval.count());
  const auto written = replace_file(settings_.textfile, publisher_.metrics(Dialect::kPrometheus));
  if (!written) ++textfile_errors_;
  complain_once(textfile_error_, written ? "" : written.error().message);
}

void Agent::write_lines(const Snapshot& snapshot) {
  if (lines_) lines_->write(view_json(snapshot, stream_.findings()));
}

AgentFacts Agent::facts(Tracer& tracer) {
  AgentFacts facts;
  if (intervals_ % kLookAtStatistics == 0) {
    std::string enabled;
    programs_counted_ =
        read_file("/proc/sys/kernel/bpf_stats_enabled", enabled) && enabled.starts_with('1');
  }
  if (programs_counted_)
    for (const RunStatistics& cost : tracer.costs())
      facts.programs.push_back(
          {cost.name, cost.runs, static_cast<double>(cost.nanoseconds) * 1e-9});

  const auto tell = [&](std::string_view name, std::string_view help, std::uint64_t value,
                        std::initializer_list<Label> labels = {},
                        MetricType type = MetricType::kCounter) {
    facts.services.push_back({name, help, label_text(labels), static_cast<double>(value), type});
  };
  constexpr std::string_view kCaptures = "Captures of incidents, by what became of them.";
  tell("tcpwatch_captures", kCaptures, recorder_.written(), {{"result", "written"}});
  tell("tcpwatch_captures", kCaptures, recorder_.held_back(), {{"result", "too_soon"}});
  tell("tcpwatch_captures", kCaptures, recorder_.failed(), {{"result", "failed"}});
  if (recorder_.written() != 0)
    tell("tcpwatch_last_capture_timestamp_seconds", "When the last capture was begun.",
         recorder_.last_realtime_ns() / 1'000'000'000, {}, MetricType::kGauge);
  tell("tcpwatch_flight_recorder_bytes", "Memory that holds what came before.", recorder_.bytes(),
       {}, MetricType::kGauge);
  tell("tcpwatch_reloads", "Settings read again.", reloads_, {{"result", "done"}});
  tell("tcpwatch_reloads", "Settings read again.", failed_reloads_, {{"result", "refused"}});
  if (push_) {
    constexpr std::string_view kPushes =
        "Pushes to the collector; dropped: due, but an earlier one "
        "was not taken yet.";
    const OtlpPush::Counts counts = push_->counts() + pushes_;
    tell("tcpwatch_pushes", kPushes, counts.pushed, {{"result", "taken"}});
    tell("tcpwatch_pushes", kPushes, counts.failed, {{"result", "failed"}});
    tell("tcpwatch_pushes", kPushes, counts.dropped, {{"result", "dropped"}});
    complain_once(push_error_, push_->last_error());
  }
  if (lines_) {
    constexpr std::string_view kLines = "Lines for the log shipper.";
    tell("tcpwatch_lines", kLines, lines_->written(), {{"result", "written"}});
    tell("tcpwatch_lines", kLines, lines_->dropped(), {{"result", "dropped"}});
  }
  if (!settings_.textfile.empty())
    tell("tcpwatch_textfile_errors", "Times that the text file could not be written.",
         textfile_errors_);
  if (nginx_) {
    for (const auto& page : nginx_->pages())
      tell("tcpwatch_nginx_up", "1: the status page was read at the last look.",
           page.error.empty() && page.reads != 0 ? 1 : 0, {{"url", page.url}}, MetricType::kGauge);
  }
  return facts;
}

bool Agent::on_tick(Tracer& tracer) {
  const auto snapshot = stream_.shared_snapshot();
  publisher_.publish(snapshot, stream_.findings(), facts(tracer));
  journal_.tell(stream_.findings(), snapshot->realtime_ns);
  const std::string why = triggers_.judge(*snapshot, stream_.findings());
  if (!why.empty()) journal_.info(recorder_.write(why, monotonic_ns(), false));
  if (const auto trouble = recorder_.trouble())
    journal_.warn("the capture under way cannot go on: " + trouble->message);
  write_textfile();
  write_lines(*snapshot);
  if (intervals_ % kShrink == kShrink - 1) shrink_footprint();
  if (intervals_++ == 0) supervisor_.ready("watching");
  supervisor_.alive();
  return true;
}

Result<> Agent::run(const Options& options) {
  const auto opened = open();
  if (!opened) return opened;
  auto hangup = take_reload_signal();
  if (!hangup) return hangup.error();
  SessionPlan plan;
  plan.detail = detail_of(settings_);
  plan.most_closes = static_cast<std::uint32_t>(settings_.capture_closes);
  plan.for_days = true;
  plan.on_attached = [this] { return attached(); };
  plan.more_facts = [this](RecordSink& sink, std::uint64_t) { tell_pages(sink); };
  plan.wake_fd = hangup->get();
  plan.on_wake = [&](LiveSource&) {
    signalfd_siginfo signal{};
    while (::read(hangup->get(), &signal, sizeof signal) > 0) read_settings_again();
    return false;
  };
  plan.on_dump = [this] { journal_.info(recorder_.write("SIGUSR1", monotonic_ns(), true)); };
  const auto result =
      watch(options, plan, recorder_, [this](Tracer& tracer) { return on_tick(tracer); });
  supervisor_.stopping();
  web_.reset();
  const auto finished = recorder_.finish();
  lines_.reset();
  if (result) journal_.info("stopped");
  return result ? finished : result;
}

}  // namespace tcpwatch
