// SPDX-License-Identifier: Apache-2.0
#include "app/replay_options.h"

#include <fmt/format.h>
#include <poll.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "app/cgroup_members.h"
#include "app/cli.h"
#include "app/moment.h"
#include "app/stop.h"
#include "base/clock.h"
#include "base/fixed_text.h"
#include "base/names.h"
#include "base/text.h"

namespace tcpwatch {
namespace {

// Lets records pass, and remembers when the last tick was.
struct Clocked : RecordSink {
  explicit Clocked(RecordSink& to) : next(to) {}
  void on_record(const Record& record) override {
    if (const auto* const* tick = std::get_if<const tw_tick*>(&record)) time = (*tick)->header.time;
    next.on_record(record);
  }
  RecordSink& next;
  std::uint64_t time = 0;
};

// True: the user wants no more.
bool wait_for(std::uint64_t ns, int stop) {
  pollfd waiting{stop, POLLIN, 0};
  const timespec timeout{static_cast<time_t>(ns / 1'000'000'000),
                         static_cast<long>(ns % 1'000'000'000)};
  return ::ppoll(&waiting, 1, &timeout, nullptr) > 0;
}

Result<> run(const ReplayOptions& options, CaptureSet& captures, Replay& source, RecordSink& sink,
             const std::function<bool()>& on_tick) {
  const auto stop = take_stop_signals();
  if (!stop) return stop.error();
  Clocked clocked(sink);
  std::uint64_t before = 0;
  for (;;) {
    const auto more = source.advance(clocked);
    if (!more) return more.error();
    if (!*more) break;
    const std::uint64_t gap = before != 0 ? clocked.time - before : 0;
    before = clocked.time;
    const double wait = options.speed > 0 ? static_cast<double>(gap) / options.speed : 0;
    if (wait_for(static_cast<std::uint64_t>(wait), stop->get()) || !on_tick()) break;
  }
  tell_damage(captures, source.count());
  return Ok{};
}

}  // namespace

void add_window_options(CLI::App& command, ReplayOptions& replay) {
  command.add_option("--from", replay.from, "only from this moment of the capture (01:45, 30s)")
      ->type_name("TIME");
  command.add_option("--to", replay.to, "only up to this moment")->type_name("TIME");
}

void add_replay_options(CLI::App& command, ReplayOptions& replay) {
  command.add_option("--replay", replay.files, "show captures instead of this machine")
      ->type_name("FILE");
  add_window_options(command, replay);
  command.add_option("--speed", replay.speed, "of the replay: 1 as it was, 10 ten times as fast")
      ->type_name("X")
      ->check(CLI::NonNegativeNumber);
}

Result<Window> window_of(const ReplayOptions& replay, const CaptureSet& captures, bool may_miss) {
  Window window;
  const std::uint64_t offset = captures.wall_offset();
  const std::uint64_t begin = captures.first_time() + offset;
  const std::uint64_t end = captures.last_time() + offset;
  if (!replay.from.empty()) {
    const auto from = parse_moment(replay.from, begin, end);
    if (!from) return from.error();
    window.from = *from > offset ? *from - offset : 0;
  }
  if (!replay.to.empty()) {
    const auto to = parse_moment(replay.to, begin, end);
    if (!to) return to.error();
    window.to = *to > offset ? *to - offset : 0;
  }
  if (window.from > window.to)
    return Error{ErrorKind::kUsage, "--from is after --to",
                 "`tcpwatch capture info FILE` tells "
                 "what time a capture holds"};
  const bool misses = window.from > captures.last_time() || window.to < captures.first_time();
  if (misses && !may_miss)
    return Error{
        ErrorKind::kUsage, "nothing was recorded between --from and --to",
        fmt::format("the capture is of {} to {}", format_rfc3339(begin), format_rfc3339(end))};
  return window;
}

int play(const ReplayOptions& options, RecordSink& sink, const std::function<bool()>& on_tick,
         Kinds wanted) {
  auto captures = CaptureSet::open_one(options.files);
  if (!captures) return fail(captures.error());
  const auto window = window_of(options, *captures);
  if (!window) return fail(window.error());
  Replay source(*captures, *window, wanted);
  const auto result = run(options, *captures, source, sink, on_tick);
  return result ? 0 : fail(result.error());
}

Result<std::set<tw_worker>> recorded_members(const ReplayOptions& options,
                                             const std::string& cgroup) {
  struct Members : RecordSink {
    void on_record(const Record& record) override {
      const auto* const* process = std::get_if<const tw_process*>(&record);
      if (!process) return;
      const std::string_view theirs = text_of((*process)->cgroup);
      if (theirs == cgroup || theirs.starts_with(cgroup + "/")) found.insert((*process)->worker);
    }
    std::string cgroup;
    std::set<tw_worker> found;
  } members;
  members.cgroup = cgroup_path(cgroup);
  auto captures = CaptureSet::open_one(options.files);
  if (!captures) return captures.error();
  const auto count = replay(*captures, {}, members, Kinds().add(TW_KIND_PROCESS));
  if (!count) return count.error();
  return std::move(members.found);
}

void tell_damage(const CaptureSet& captures, const ReplayCount& count) {
  for (const FileReader& file : captures.files()) {
    const Damage& damage = file.damage();
    if (!damage.any()) continue;
    fmt::print(stderr, "tcpwatch: {}: {}{}{} block{} lost, {} bytes\n", sanitize(file.path()),
               damage.header ? "header damaged, " : "", damage.torn ? "ends too early, " : "",
               damage.blocks, damage.blocks == 1 ? "" : "s", damage.bytes);
  }
  for (std::uint32_t kind = 0; kind <= TW_KIND_LIMIT; ++kind)
    if (count.skipped[kind] != 0)
      fmt::print(stderr, "tcpwatch: skipped {} records of kind {} ({})\n", count.skipped[kind],
                 kind, kind_name(kind));
}

}  // namespace tcpwatch
