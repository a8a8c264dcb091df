// SPDX-License-Identifier: Apache-2.0
//
// `capture verify|info|merge|cut`: captures as files. Nothing of this needs root or a kernel.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "base/clock.h"
#include "base/fixed_text.h"
#include "base/human.h"
#include "base/names.h"
#include "base/text.h"
#include "capture/copy.h"

namespace tcpwatch {
namespace {

struct CaptureOptions {
  ReplayOptions window;  // and the files
  std::string output;
};

// Reads every block; true: nothing was lost.
bool verify_file(FileReader& file, Output& output) {
  std::uint64_t blocks = 0;
  RecordBatch records;
  for (const IndexEntry& entry : file.blocks()) {
    records.clear();
    blocks += file.read(entry, Kinds::all(), records) ? 1 : 0;
  }
  const Damage& damage = file.damage();
  const bool whole = damage.blocks == 0 && damage.bytes == 0 && !damage.header;
  output.write(fmt::format("{}: {}, {} blocks read{}{}{}{}\n", sanitize(file.path()),
                           whole ? "good" : "DAMAGED", blocks,
                           damage.blocks != 0 ? fmt::format(", {} lost", damage.blocks) : "",
                           damage.bytes != 0 ? fmt::format(", {} bytes of them", damage.bytes) : "",
                           damage.header ? ", header damaged" : "",
                           file.closed() ? "" : ", not closed: a crash, or still written to"));
  return whole;
}

int run_verify(const CaptureOptions& options) {
  Output output;
  bool whole = true;
  for (const std::string& path : options.window.files) {
    auto file = FileReader::open(path);
    if (!file) return fail(file.error());
    whole &= verify_file(*file, output);
  }
  if (const auto written = output.result(); !written) return fail(written.error());
  return whole ? 0 : static_cast<int>(ErrorKind::kBadInput);
}

std::string info_text(const FileReader& file, const CopyCount& count) {
  const FileHeader& header = file.header();
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  for (const IndexEntry& entry : file.blocks()) {
    if (entry.block.type != BlockType::kRecords) continue;
    if (first == 0) first = entry.block.first_time;
    last = std::max(last, entry.block.last_time);
  }
  const std::uint64_t offset = header.realtime_ns - header.monotonic_ns;
  std::string text = fmt::format(
      "{}\n  host      {}, kernel {}, {} CPUs\n  made by   tcpwatch {}, format {}, ABI {}\n"
      "  recording {:016x}, part {}\n  time      {} to {} ({})\n  size      {}, {} blocks, {}\n",
      sanitize(file.path()), sanitize(text_of(header.host)), sanitize(text_of(header.kernel)),
      header.cpus, sanitize(text_of(header.tool)), header.version, header.abi_version,
      header.session, header.part, format_rfc3339(first + offset), format_rfc3339(last + offset),
      format_seconds(static_cast<double>(last - first) * 1e-9),
      format_bytes(static_cast<double>(file.size())), file.blocks().size(),
      file.closed() ? "closed" : "not closed: a crash, or still written to");
  for (std::uint32_t kind = 0; kind <= TW_KIND_LIMIT; ++kind)
    if (count.kinds[kind] != 0)
      text += fmt::format(
          "  {:9} {} ({})\n", "records", count.kinds[kind],
          kind_name(kind) == "OTHER" ? fmt::format("kind {}", kind) : std::string(kind_name(kind)));
  return text;
}

int run_info(const CaptureOptions& options) {
  Output output;
  for (const std::string& path : options.window.files) {
    auto file = FileReader::open(path);
    if (!file) return fail(file.error());
    const CopyCount count = count_records(*file);
    output.write(info_text(*file, count));
  }
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

// merge and cut: the records of a window of one host's captures, in one file.
int run_copy(const CaptureOptions& options) {
  auto captures = CaptureSet::open_one(options.window.files);
  if (!captures) return fail(captures.error());
  const auto window = window_of(options.window, *captures);
  if (!window) return fail(window.error());
  const auto count = copy_capture(*captures, *window, options.output);
  if (!count) return fail(count.error());
  tell_damage(*captures, {});
  fmt::print(stderr, "{}: {} records\n", sanitize(options.output), count->records);
  return 0;
}

CaptureOptions& declare(CLI::App& command, Action& chosen, int (*run)(const CaptureOptions&)) {
  auto options = std::make_shared<CaptureOptions>();
  command.add_option("FILE", options->window.files, "captures")->required();
  command.callback([&chosen, options, run] { chosen = [options, run] { return run(*options); }; });
  return *options;
}

}  // namespace

void declare_capture(CLI::App& cli, Action& chosen) {
  auto* command = cli.add_subcommand("capture", "checks, tells about, joins and cuts captures");
  command->require_subcommand(1);
  declare(*command->add_subcommand("verify", "reads every block; exit code 65 if one is damaged"),
          chosen, run_verify);
  declare(*command->add_subcommand("info", "what a capture holds, of whom and of when"), chosen,
          run_info);
  for (const auto& [name, what] :
       {std::pair("merge", "the captures of one host in one file"),
        std::pair("cut", "a part of a capture, which can be read alone")}) {
    auto* copy = command->add_subcommand(name, what);
    CaptureOptions& options = declare(*copy, chosen, run_copy);
    copy->add_option("-o,--output", options.output, "the new file")->type_name("FILE")->required();
    add_window_options(*copy, options.window);
  }
}

}  // namespace tcpwatch
