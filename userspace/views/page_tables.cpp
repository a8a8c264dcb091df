// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "views/field_table.h"
#include "views/fields.h"
#include "views/page_json.h"
#include "views/ranking.h"
#include "views/value.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostRows = 200;  // of each table: a page, not a database

std::string_view tone_name(Tone tone) {
  if (tone == Tone::kBad) return "bad";
  if (tone == Tone::kWarning) return "warn";
  return tone == Tone::kDim ? "dim" : "";
}

template <typename Row>
void write_cell(JsonWriter& json, const Field<Row>& field, const Row& row, const Snapshot& summary,
                const Coverage& coverage) {
  const Cell cell = cell_of(field, row, summary, coverage);
  json.begin_array();
  json.string(cell.text);
  json.string(tone_name(cell.tone));
  if (const auto number = value_number(field.value(row, summary)))
    json.number(*number);
  else
    json.null();
  json.end_array();
}

template <typename Row>
void write_columns(JsonWriter& json, const std::vector<const Field<Row>*>& fields) {
  json.key("columns").begin_array();
  for (const Field<Row>* field : fields) {
    json.begin_object();
    json.key("title").string(field->title);
    json.key("help").string(field->help);
    json.key("text").boolean(is_text(field->unit));
    json.end_object();
  }
  json.end_array();
}

template <typename Row>
void write_table(JsonWriter& json, std::string_view title, const Snapshot& summary,
                 const std::vector<const Row*>& ranked, std::span<const Field<Row>> fields) {
  const Coverage coverage(summary);
  std::vector<const Field<Row>*> columns;
  for (const Field<Row>& field : fields)
    if (is_column(field)) columns.push_back(&field);
  json.begin_object();
  json.key("title").string(title);
  json.key("all").number(std::uint64_t{ranked.size()});
  write_columns(json, columns);
  json.key("rows").begin_array();
  for (std::size_t at = 0; at < std::min(ranked.size(), kMostRows); ++at) {
    json.begin_object();
    json.key("mark").string(std::string(1, mark_of(*ranked[at])));
    json.key("cells").begin_array();
    for (const Field<Row>* field : columns)
      write_cell(json, *field, *ranked[at], summary, coverage);
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
}

template <typename Row>
std::vector<const Row*> active(std::vector<const Row*> rows) {
  std::erase_if(rows, [](const Row* row) { return !is_active(*row); });
  return rows;
}

}  // namespace

void write_page_tables(JsonWriter& json, const Snapshot& summary) {
  json.begin_array();
  write_table(json, "Listeners", summary, ranked_listeners(summary), listener_fields());
  write_table(json, "Workers", summary, active(ranked_workers(summary)), worker_fields());
  write_table(json, "Destinations", summary, active(ranked_destinations(summary)),
              destination_fields());
  json.end_array();
}

}  // namespace tcpwatch
