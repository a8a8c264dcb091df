// SPDX-License-Identifier: Apache-2.0
//
// Records as rows for other tools: one table per kind with columns that stay, as JSON Lines, CSV,
// or events of the Perfetto UI. Each row is a pure function of one record and the host's clock, so
// that memory does not grow with a capture. Times are RFC 3339 in UTC, durations nanoseconds.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/record.h"
#include "views/wall_clock.h"

namespace tcpwatch {

// Of these kinds there are tables; ticks and hosts are rows as well.
std::vector<std::string_view> export_tables();
// The kind of a table's name; nothing: there is no such table.
std::optional<std::uint32_t> export_kind(std::string_view table);

// Without the newline. Nothing for kinds that have no table.
std::optional<std::string> export_jsonl(const Record& record, const WallClock& clock);
std::string export_csv_heading(std::string_view table);
std::optional<std::string> export_csv(const Record& record, const WallClock& clock);

// Events of the JSON trace format: a slice for each connection that ended and for each connect, and
// counters for each flow; times since the first record. A worker is a process there. Slices of one
// track must not overlap, so that a worker has as many tracks as connections at a time; they are
// what is remembered, of at most kWorkers. One thread.
class PerfettoTrace {
 public:
  // Objects with commas between them; nothing for kinds that are not shown.
  std::optional<std::string> events(const Record& record);
  // The name of its process, and a track on which nothing is from the begin of a slice to its end.
  std::uint64_t place(tw_worker worker, std::string_view comm, std::uint64_t begin,
                      std::uint64_t end, std::string& events);

  // Floating point does not tell nanoseconds of a host that has been up for years.
  std::uint64_t since_begin(std::uint64_t time) const;

 private:
  static constexpr std::size_t kWorkers = 16384;

  struct Tracks {
    std::multimap<std::uint64_t, std::uint64_t> by_end;  // when the last slice ends: which track
    bool named = false;
  };
  std::optional<std::uint64_t> begin_;
  std::uint64_t most_ = 0;   // tracks of one worker so far
  std::uint64_t first_ = 1;  // what is forgotten had those before
  std::map<std::uint32_t, Tracks> workers_;
};

enum class SqlDialect { kClickHouse, kDuckDb };
// CREATE TABLE statements for all tables.
std::string export_schema(SqlDialect dialect);

}  // namespace tcpwatch
