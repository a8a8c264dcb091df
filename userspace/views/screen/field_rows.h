// SPDX-License-Identifier: Apache-2.0
//
// Rows of one kind by their table of fields: filtered, ordered, marked, and written out on demand.
// Refers to a scene; rows that were made for the screen (groups, routes) are kept alive here.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "views/screen/gauge.h"
#include "views/screen/order.h"
#include "views/screen/rows.h"

namespace tcpwatch {

inline char mark_of(const FindingLine& row) {
  return row.severity == FindingLine::Severity::kInfo ? ' ' : '!';
}
inline bool in_trouble(const FindingLine& row) {
  return row.severity == FindingLine::Severity::kCritical;
}

template <typename Row>
struct RowSource {
  std::span<const Field<Row>> fields;
  std::vector<std::string_view> columns = {};  // empty: all that are columns by habit
  std::vector<const Row*> rows = {};
  std::shared_ptr<const void> keep = nullptr;  // owner of the rows, where it is not the snapshot
};

template <typename Row>
class FieldRows : public Rows {
 public:
  FieldRows(RowSource<Row> source, const Snapshot& snapshot, std::shared_ptr<const NamedRows> named,
            const TableState& table, std::string_view filter)
      : source_(std::move(source)),
        named_(std::move(named)),
        snapshot_(snapshot),
        coverage_(snapshot),
        unfiltered_(source_.rows.size()) {
    std::erase_if(source_.rows, [&](const Row* row) {
      return !row_matches(*row, source_.fields, snapshot, filter);
    });
    order_rows(source_.rows, source_.fields, snapshot, *named_, table);
    choose(table);
  }

  std::size_t size() const override { return source_.rows.size(); }
  std::size_t unfiltered() const override { return unfiltered_; }
  RowKey key(std::size_t row) const override { return key_of(*source_.rows[row], snapshot_); }
  std::optional<std::size_t> find(const RowKey& key) const override {
    for (std::size_t row = 0; row < size(); ++row)
      if (may_be(*source_.rows[row], key) && this->key(row) == key) return row;
    return std::nullopt;
  }
  bool matches(std::size_t row, std::string_view text) const override {
    return row_matches(*source_.rows[row], source_.fields, snapshot_, text);
  }
  const std::vector<ColumnChoice>& choices() const override { return choices_; }
  std::vector<Column> columns() const override {
    std::vector<Column> columns;
    for (const Field<Row>* field : shown_) {
      Column& column = columns.emplace_back(column_of(*field));
      if (column.rank >= kOnRequest) column.rank = kAsked;
      if (field->meter) column.width = kMeterWidth;
      column.width = std::max(column.width, usual_width(field->unit));
    }
    return columns;
  }
  std::vector<std::string_view> names() const override {
    std::vector<std::string_view> names;
    for (const Field<Row>* field : shown_) names.push_back(field->name);
    return names;
  }
  TableRow row(std::size_t row) const override {
    const Row& shown = *source_.rows[row];
    TableRow line = marked(shown);
    for (const Field<Row>* field : shown_) {
      line.cells.push_back(cell_of(*field, shown, snapshot_, coverage_));
      if (field->meter) draw_meter(*field, shown, line.cells.back());
    }
    return line;
  }
  std::vector<FlowItem> details(std::size_t row) const override {
    std::vector<FlowItem> items;
    for (const Field<Row>& field : source_.fields) {
      if (field.title.empty()) continue;
      const Cell cell = cell_of(field, *source_.rows[row], snapshot_, coverage_);
      if (cell.text.empty() ||
          (cell.tone == Tone::kDim && (cell.text == "-" || !is_text(field.unit))))
        continue;
      items.push_back({std::string(field.title) + " " + cell.text, cell.tone, is_sentence(field)});
    }
    return items;
  }

 private:
  static constexpr int kAsked = 1;  // a column that the user wants goes after those of rank 0 only
  static constexpr std::size_t kMeterWidth = 9;
  static constexpr std::size_t kSentence = 20;  // columns: what has no name's length

  static bool is_sentence(const Field<Row>& field) {
    return std::is_same_v<Row, FindingLine> && field.width >= kSentence;
  }

  // Numbers come and go; columns should not move with them.
  static std::size_t usual_width(Unit unit) {
    return unit == Unit::kRate || unit == Unit::kCount ? 5 : unit == Unit::kSeconds ? 6 : 0;
  }

  // A time that nobody needed in this interval comes again: its column stays, for quiet eyes.
  bool has_value(const Field<Row>& field) const {
    if (field.unit == Unit::kSeconds && !field.signal.empty()) return true;
    if (source_.rows.empty()) return !field.signal.empty();
    return std::ranges::any_of(source_.rows, [&](const Row* row) {
      return !std::holds_alternative<Missing>(field.value(*row, snapshot_));
    });
  }

  void choose(const TableState& table) {
    for (const Field<Row>& field : source_.fields) {
      if (field.title.empty()) continue;
      const bool usual = source_.columns.empty()
                             ? is_column(field)
                             : std::ranges::count(source_.columns, field.name) != 0;
      const bool on = usual != table.toggled.contains(std::string(field.name));
      choices_.push_back({field.name, field.title, field.help, on, is_text(field.unit)});
      if (on && (!usual || field.rank <= 1 || has_value(field))) shown_.push_back(&field);
    }
  }

  // "C", "W": a critical finding, a warning speaks of it.
  TableRow marked(const Row& row) const {
    const Severity severity = named_->of(row).severity;
    if (severity == Severity::kCritical) return {'C', Tone::kBad, {}};
    if (severity == Severity::kWarning) return {'W', Tone::kWarning, {}};
    return {mark_of(row), in_trouble(row) ? Tone::kBad : Tone::kDim, {}};
  }

  void draw_meter(const Field<Row>& field, const Row& row, Cell& cell) const {
    const Value value = field.value(row, snapshot_);
    if (const double* share = std::get_if<double>(&value))
      cell.text = meter(*share, cell.text, kMeterWidth);
  }

  RowSource<Row> source_;
  std::shared_ptr<const NamedRows> named_;
  const Snapshot& snapshot_;
  Coverage coverage_;
  std::size_t unfiltered_;
  std::vector<ColumnChoice> choices_;
  std::vector<const Field<Row>*> shown_;
};

}  // namespace tcpwatch
