// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/recorder.h"
#include "app/session.h"
#include "app/story_filter.h"
#include "base/size.h"
#include "base/text.h"
#include "tcpwatch/bpf_config.h"

namespace tcpwatch {
namespace {

constexpr std::chrono::milliseconds kDrain{100};

struct RecordOptions {
  std::string file;
  std::string max_size;
  std::string max_age;
  std::uint32_t max_files = 0;
  std::vector<std::string> detail{"connections"};
};

// Steps tell when a connection ended, but not its bytes, round-trip time and retransmits: whoever
// wants both says so.
const std::map<std::string, std::uint32_t>& details() {
  static const std::map<std::string, std::uint32_t> known{
      {"counters", 0},
      {"failures", TW_DETAIL_FAILURES},
      {"connections", TW_DETAIL_FAILURES | TW_DETAIL_CLOSES},
      {"outcomes", TW_DETAIL_FAILURES | TW_DETAIL_OUTCOMES},
      {"transitions", TW_DETAIL_FAILURES | TW_DETAIL_TRANSITIONS}};
  return known;
}

std::uint32_t detail_of(const std::vector<std::string>& words) {
  std::uint32_t detail = 0;
  for (const std::string& word : words) detail |= details().at(word);
  return detail;
}

Result<WriterLimits> limits_of(const RecordOptions& record) {
  WriterLimits limits;
  if (!record.max_size.empty()) {
    const auto size = parse_size(record.max_size);
    if (!size) return size.error();
    if (*size < 65536)
      return Error{ErrorKind::kUsage, "--max-size: at least 64K", "for example 100M"};
    limits.max_size = *size;
  }
  if (!record.max_age.empty()) {
    const auto age = positive_duration("--max-age", record.max_age);
    if (!age) return age.error();
    limits.max_age_ns = static_cast<std::uint64_t>(age->count());
  }
  return limits;
}

int run_record(const Options& options, const RecordOptions& record) {
  const auto part = filter_of(options);
  if (!part) return fail(part.error());
  const auto limits = limits_of(record);
  if (!limits) return fail(limits.error());
  const bool numbered = limits->max_size != 0 || limits->max_age_ns != 0;
  const std::uint32_t detail = detail_of(record.detail);
  Recorder recorder(new_recording(detail), *limits,
                    PartNames(record.file.empty() ? default_capture_name() : record.file, numbered,
                              record.max_files),
                    live_story_filter(*part));
  const auto opened = recorder.open();
  if (!opened) return fail(opened.error());

  SessionPlan plan;
  plan.detail = detail;
  plan.drain = kDrain;
  plan.on_drain = [&] { recorder.hand_over(); };
  const bool progress = ::isatty(STDERR_FILENO) != 0;
  const auto watched = watch(options, plan, recorder, [&](Tracer&) {
    recorder.hand_over();
    if (progress) fmt::print(stderr, "\r\033[K{}", recorder.summary());
    return !recorder.failed();
  });
  if (progress) std::fputs("\r\033[K", stderr);
  if (!watched) {
    recorder.discard();
    return fail(watched.error());
  }
  const auto finished = recorder.finish();
  fmt::print(stderr, "{}: {}\n", sanitize(recorder.files()), recorder.summary());
  return finished ? 0 : fail(finished.error());
}

}  // namespace

void declare_record(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("record", "writes what is going on into a capture file");
  auto record = std::make_shared<RecordOptions>();
  command->add_option("-o,--output", record->file, "default: tcpwatch-HOST-TIME.tcpw")
      ->type_name("FILE");
  command
      ->add_option("--detail", record->detail,
                   "stories to write besides all counters: counters (none), failures, connections\n"
                   "(and ends), outcomes (and successful connects), transitions (and every step)")
      ->check(CLI::IsMember({"counters", "failures", "connections", "outcomes", "transitions"}))
      ->delimiter(',')
      ->type_name("WHAT,…")
      ->capture_default_str();
  command->add_option("--max-size", record->max_size, "then the next file: NAME-0002.tcpw")
      ->type_name("SIZE");
  command->add_option("--max-age", record->max_age, "then the next file")->type_name("DUR");
  command->add_option("--max-files", record->max_files, "keep so many; the oldest goes")
      ->type_name("N");
  add_watching_options(*command, options);
  add_filter_options(*command, options);
  command->callback([&options, &chosen, record] {
    chosen = [&options, record] { return run_record(options, *record); };
  });
}

}  // namespace tcpwatch
