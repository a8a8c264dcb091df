// SPDX-License-Identifier: Apache-2.0
//
// Records as rows for other tools: one table per kind with columns that stay, as JSON Lines, CSV,
// or events of the Perfetto UI. Each line is a pure function of one record and the host's clock, so
// that memory does not grow with a capture. Times are RFC 3339 in UTC, durations nanoseconds.
#pragma once

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

// Lines of a JSON array without its brackets and commas: a slice for each connection that ended or
// was refused, and counters for each flow; a track per worker.
std::optional<std::string> export_perfetto(const Record& record);

enum class SqlDialect { kClickHouse, kDuckDb };
// CREATE TABLE statements for all tables.
std::string export_schema(SqlDialect dialect);

}  // namespace tcpwatch
