// SPDX-License-Identifier: Apache-2.0
#include "views/batch_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "views/field_table.h"
#include "views/fields.h"
#include "views/ranking.h"

namespace tcpwatch {
namespace {

template <typename Row>
std::vector<const Field<Row>*> columns_of(std::span<const Field<Row>> fields) {
  std::vector<const Field<Row>*> columns;
  for (const Field<Row>& field : fields)
    if (is_column(field)) columns.push_back(&field);
  return columns;
}

struct Printer {
  const Snapshot& snapshot;
  const BatchStyle& style;
  Coverage coverage;

  // "LISTENERS   10 of 48, worst first", then the table.
  template <typename Row>
  std::string section(std::string_view name, std::span<const Field<Row>> fields,
                      const std::vector<const Row*>& ranked, std::size_t idle) const {
    const std::size_t shown = style.rows == 0 ? ranked.size() : std::min(ranked.size(), style.rows);
    std::string note;
    if (ranked.empty() && idle == 0) note = "none";
    if (shown < ranked.size()) note = fmt::format("{} of {}, worst first", shown, ranked.size());
    if (idle != 0) note += fmt::format("{}{} idle", note.empty() ? "" : "; ", idle);
    std::string text = "\n" + paint(name, Tone::kTitle, style.palette);
    if (!note.empty()) text += "  " + paint(note, Tone::kDim, style.palette);
    text += "\n";
    if (shown == 0) return text;
    return text + table(fields, {ranked.data(), shown});
  }

  template <typename Row>
  std::string table(std::span<const Field<Row>> fields, std::span<const Row* const> rows) const {
    const auto columns = columns_of(fields);
    std::vector<Column> headings;
    for (const Field<Row>* field : columns) headings.push_back(column_of(*field));
    std::vector<TableRow> lines;
    for (const Row* row : rows) {
      TableRow& line = lines.emplace_back();
      line.mark = mark_of(*row);
      line.tone = in_trouble(*row) ? Tone::kBad : Tone::kDim;
      for (const Field<Row>* field : columns)
        line.cells.push_back(cell_of(*field, *row, snapshot, coverage));
    }
    return table_text(headings, lines, style.width, style.palette);
  }
};

// Takes idle rows out; they are only counted.
template <typename Row>
std::size_t drop_idle(std::vector<const Row*>& rows) {
  return std::erase_if(rows, [](const Row* row) { return !is_active(*row); });
}

}  // namespace

std::string batch_text(const Snapshot& snapshot, const BatchStyle& style) {
  const Printer print{snapshot, style, Coverage(snapshot)};
  auto workers = ranked_workers(snapshot);
  auto destinations = ranked_destinations(snapshot);
  const std::size_t idle_workers = drop_idle(workers);
  const std::size_t idle_destinations = drop_idle(destinations);
  return batch_header(snapshot, style) +
         print.section("LISTENERS", listener_fields(), ranked_listeners(snapshot), 0) +
         print.section("WORKERS", worker_fields(), workers, idle_workers) +
         print.section("DESTINATIONS", destination_fields(), destinations, idle_destinations);
}

}  // namespace tcpwatch
