// SPDX-License-Identifier: Apache-2.0
#include "views/export.h"

#include <algorithm>
#include <array>

#include "base/clock.h"
#include "base/names.h"
#include "base/text.h"
#include "events/make.h"
#include "views/export_rows.h"
#include "views/json_writer.h"

namespace tcpwatch {
namespace {

constexpr std::array kTables{
    TW_KIND_CONNECT,  TW_KIND_CLOSED,  TW_KIND_DROPS,     TW_KIND_STEP,    TW_KIND_FLOW,
    TW_KIND_LISTENER, TW_KIND_NETNS,   TW_KIND_PROCESS,   TW_KIND_LOSS,    TW_KIND_HOST,
    TW_KIND_HOOK,     TW_KIND_TICK,    TW_KIND_SAMPLE,    TW_KIND_SOCKETS, TW_KIND_CLOSE_WAITS,
    TW_KIND_PORTS,    TW_KIND_INBOUND, TW_KIND_CONNTRACK, TW_KIND_NGINX,   TW_KIND_ACTIVITY,
    TW_KIND_STEERING};

std::uint32_t kind_of(const Record& record) {
  return std::visit([](const auto* typed) { return std::uint32_t{typed->header.kind}; }, record);
}

class JsonRow : public RowWriter {
 public:
  JsonRow(std::string_view kind, const WallClock& clock) : clock_(clock) {
    json_.begin_object();
    json_.key("kind").string(kind);
  }
  void time(std::string_view name, std::uint64_t ns) override {
    json_.key(name).string(format_rfc3339(clock_.at(ns)));
  }
  void number(std::string_view name, std::uint64_t value) override {
    json_.key(name).number(value);
  }
  void known_number(std::string_view name, std::optional<std::uint64_t> value) override {
    if (value) return number(name, *value);
    json_.key(name).null();
  }
  void text(std::string_view name, std::string_view value) override {
    json_.key(name).string(value);
  }
  std::string take() {
    json_.end_object();
    return json_.take();
  }

 private:
  const WallClock& clock_;
  JsonWriter json_;
};

// RFC 4180; a text that a spreadsheet would take for a formula is one only with a quote before it.
std::string quoted(std::string_view text) {
  std::string safe = sanitize(text);
  if (!safe.empty() && std::string_view("=+-@").find(safe[0]) != std::string_view::npos)
    safe.insert(0, 1, '\'');
  if (safe.find_first_of(",\"'") == std::string::npos) return safe;
  std::string out = "\"";
  for (const char letter : safe)
    out += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return out + "\"";
}

class CsvRow : public RowWriter {
 public:
  explicit CsvRow(const WallClock& clock) : clock_(clock) {}
  void time(std::string_view, std::uint64_t ns) override { add(format_rfc3339(clock_.at(ns))); }
  void number(std::string_view, std::uint64_t value) override { add(std::to_string(value)); }
  void known_number(std::string_view, std::optional<std::uint64_t> value) override {
    add(value ? std::to_string(*value) : "");
  }
  void text(std::string_view, std::string_view value) override { add(quoted(value)); }

  std::string out;

 private:
  void add(std::string_view cell) {
    if (begun_) out += ",";
    out += cell;
    begun_ = true;
  }
  const WallClock& clock_;
  bool begun_ = false;
};

enum class Type { kTime, kNumber, kKnownNumber, kText };

class Columns : public RowWriter {
 public:
  void time(std::string_view name, std::uint64_t) override { add(name, Type::kTime); }
  void number(std::string_view name, std::uint64_t) override { add(name, Type::kNumber); }
  void known_number(std::string_view name, std::optional<std::uint64_t>) override {
    add(name, Type::kKnownNumber);
  }
  void text(std::string_view name, std::string_view) override { add(name, Type::kText); }

  std::vector<std::pair<std::string, Type>> columns;

 private:
  void add(std::string_view name, Type type) { columns.emplace_back(name, type); }
};

template <typename T>
void describe(Columns& columns) {
  const auto record = new_record<T>(0);
  tell_row(&record, columns);
}

std::vector<std::pair<std::string, Type>> columns_of(std::uint32_t kind) {
  Columns columns;
  switch (kind) {
    case TW_KIND_CONNECT:
      describe<tw_connect>(columns);
      break;
    case TW_KIND_CLOSED:
      describe<tw_closed>(columns);
      break;
    case TW_KIND_DROPS:
      describe<tw_drops>(columns);
      break;
    case TW_KIND_STEP:
      describe<tw_step_record>(columns);
      break;
    case TW_KIND_FLOW:
      describe<tw_flow_record>(columns);
      break;
    case TW_KIND_LISTENER:
      describe<tw_listener_record>(columns);
      break;
    case TW_KIND_NETNS:
      describe<tw_netns>(columns);
      break;
    case TW_KIND_PROCESS:
      describe<tw_process>(columns);
      break;
    case TW_KIND_LOSS:
      describe<tw_loss>(columns);
      break;
    case TW_KIND_HOST:
      describe<tw_host>(columns);
      break;
    case TW_KIND_HOOK:
      describe<tw_hook>(columns);
      break;
    case TW_KIND_TICK:
      describe<tw_tick>(columns);
      break;
    case TW_KIND_SAMPLE:
      describe<tw_sample>(columns);
      break;
    case TW_KIND_SOCKETS:
      describe<tw_sockets>(columns);
      break;
    case TW_KIND_CLOSE_WAITS:
      describe<tw_close_waits>(columns);
      break;
    case TW_KIND_PORTS:
      describe<tw_ports>(columns);
      break;
    case TW_KIND_INBOUND:
      describe<tw_inbound>(columns);
      break;
    case TW_KIND_CONNTRACK:
      describe<tw_conntrack>(columns);
      break;
    case TW_KIND_NGINX:
      describe<tw_nginx>(columns);
      break;
    case TW_KIND_ACTIVITY:
      describe<tw_activity>(columns);
      break;
    case TW_KIND_STEERING:
      describe<tw_steering>(columns);
      break;
    default:
      break;
  }
  return columns.columns;
}

// Dashes would want quotes.
std::string sql_name(std::string_view name) {
  std::string safe(name);
  std::ranges::replace(safe, '-', '_');
  return safe;
}

std::string_view type_name(Type type, SqlDialect dialect) {
  const bool click = dialect == SqlDialect::kClickHouse;
  switch (type) {
    case Type::kTime:
      return click ? "DateTime64(9, 'UTC')" : "TIMESTAMP_NS";
    case Type::kNumber:
      return click ? "UInt64" : "UBIGINT";
    case Type::kKnownNumber:
      return click ? "Nullable(UInt64)" : "UBIGINT";
    case Type::kText:
      return click ? "String" : "VARCHAR";
  }
  return "";
}

}  // namespace

std::vector<std::string_view> export_tables() {
  std::vector<std::string_view> names;
  for (const std::uint32_t kind : kTables) names.push_back(kind_name(kind));
  return names;
}

std::optional<std::uint32_t> export_kind(std::string_view table) {
  for (const std::uint32_t kind : kTables)
    if (kind_name(kind) == table) return kind;
  return std::nullopt;
}

std::optional<std::string> export_jsonl(const Record& record, const WallClock& clock) {
  JsonRow row(kind_name(kind_of(record)), clock);
  if (!tell_row(record, row)) return std::nullopt;
  return row.take();
}

std::string export_csv_heading(std::string_view table) {
  std::string out;
  for (const auto& [name, type] : columns_of(export_kind(table).value_or(0)))
    out += (out.empty() ? "" : ",") + name;
  return out;
}

std::optional<std::string> export_csv(const Record& record, const WallClock& clock) {
  CsvRow row(clock);
  if (!tell_row(record, row)) return std::nullopt;
  return std::move(row.out);
}

std::string export_schema(SqlDialect dialect) {
  std::string out;
  for (const std::uint32_t kind : kTables) {
    out += "CREATE TABLE tcpwatch_" + sql_name(kind_name(kind)) + " (\n";
    const auto columns = columns_of(kind);
    for (std::size_t i = 0; i < columns.size(); ++i)
      out += "  \"" + columns[i].first + "\" " +
             std::string(type_name(columns[i].second, dialect)) +
             (i + 1 < columns.size() ? ",\n" : "\n");
    out +=
        dialect == SqlDialect::kClickHouse ? ") ENGINE = MergeTree ORDER BY time;\n\n" : ");\n\n";
  }
  out.pop_back();
  return out;
}

}  // namespace tcpwatch
