// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/output.h"
#include "app/replay_options.h"
#include "views/export.h"

namespace tcpwatch {
namespace {

struct ExportOptions {
  ReplayOptions window;  // and the files
  std::string format = "jsonl";
  std::string table;
  std::string schema;
};

bool is_of(const Record& record, std::uint32_t kind) {
  return std::visit([&](const auto* typed) { return typed->header.kind == kind; }, record);
}

// Lines as they come, in pieces: memory does not grow with the capture.
class Exporter : public RecordSink {
 public:
  Exporter(const ExportOptions& options, Output& output) : options_(options), output_(output) {
    if (options.format == "csv") pending_ = export_csv_heading(options.table) + "\n";
    if (options.format == "perfetto") pending_ = "{\"traceEvents\":[\n";
  }
  void on_record(const Record& record) override {
    if (const auto* const* host = std::get_if<const tw_host*>(&record)) clock_ = WallClock(**host);
    if (!options_.table.empty() && !is_of(record, *export_kind(options_.table))) return;
    const auto line = options_.format == "csv"        ? export_csv(record, clock_)
                      : options_.format == "perfetto" ? perfetto_.events(record)
                                                      : export_jsonl(record, clock_);
    if (!line) return;
    if (options_.format == "perfetto" && lines_ != 0) pending_ += ",\n";
    pending_ += *line;
    if (options_.format != "perfetto") pending_ += "\n";
    ++lines_;
    if (pending_.size() > kEnough) flush();
  }
  bool flush() {
    const bool written = output_.write(pending_);
    pending_.clear();
    return written;
  }
  void finish() {
    if (options_.format == "perfetto") pending_ += "\n]}\n";
    flush();
  }

 private:
  static constexpr std::size_t kEnough = 64 * 1024;

  const ExportOptions& options_;
  Output& output_;
  WallClock clock_;
  PerfettoTrace perfetto_;
  std::string pending_;
  std::uint64_t lines_ = 0;
};

int run_export(const ExportOptions& options) {
  Output output;
  if (!options.schema.empty()) {
    output.write(
        export_schema(options.schema == "duckdb" ? SqlDialect::kDuckDb : SqlDialect::kClickHouse));
    return 0;
  }
  if (options.window.files.empty())
    return fail({ErrorKind::kUsage, "no capture is named", "tcpwatch export FILE.tcpw"});
  Kinds kinds = Kinds::all();
  // The host comes along for its clock.
  if (!options.table.empty()) kinds = Kinds().add(*export_kind(options.table)).add(TW_KIND_HOST);
  if (options.format == "csv" && options.table.empty())
    return fail({ErrorKind::kUsage, "--format csv takes one table",
                 "name it with --table, for example --table closed"});
  Exporter exporter(options, output);
  const int code = play(options.window, exporter, [&] { return exporter.flush(); }, kinds);
  exporter.finish();
  const auto written = output.result();
  return code != 0 || written ? code : fail(written.error());
}

}  // namespace

void declare_export(CLI::App& cli, Action& chosen) {
  auto* command =
      cli.add_subcommand("export", "a capture as JSON Lines, CSV or for the Perfetto UI");
  auto options = std::make_shared<ExportOptions>();
  command->add_option("FILE", options->window.files, "captures of one host");
  command->add_option("--format", options->format, "what to write")
      ->check(CLI::IsMember({"jsonl", "csv", "perfetto"}))
      ->capture_default_str();
  std::vector<std::string> tables;
  for (const std::string_view table : export_tables()) tables.emplace_back(table);
  command->add_option("--table", options->table, "only records of this kind")
      ->check(CLI::IsMember(tables));
  command->add_option("--schema", options->schema, "print CREATE TABLE statements instead")
      ->check(CLI::IsMember({"clickhouse", "duckdb"}));
  add_window_options(*command, options->window);
  command->callback([&chosen, options] { chosen = [options] { return run_export(*options); }; });
}

}  // namespace tcpwatch
