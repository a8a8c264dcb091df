// SPDX-License-Identifier: Apache-2.0
//
// Which rows a table has, and in which order: the user's filter, the user's column, else the worst
// first. Templates over the kinds of rows; pure.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "views/field_table.h"
#include "views/screen/finding_line.h"
#include "views/screen/named_rows.h"
#include "views/screen/row_key.h"

namespace tcpwatch {

// Case does not matter (ASCII); nothing is in everything.
bool contains_text(std::string_view text, std::string_view wanted);

// Searched are names, addresses, reasons and process numbers.
template <typename Row>
bool row_matches(const Row& row, std::span<const Field<Row>> fields, const Snapshot& snapshot,
                 std::string_view wanted) {
  if (wanted.empty()) return true;
  for (const Field<Row>& field : fields) {
    const bool number = field.name == "pid";
    if (!is_text(field.unit) && field.unit != Unit::kPids && !number) continue;
    const Value value = field.value(row, snapshot);
    if (const auto* text = std::get_if<std::string>(&value)) {
      if (contains_text(*text, wanted)) return true;
    } else if (const auto* pids = std::get_if<Pids>(&value)) {
      for (const std::uint32_t pid : *pids)
        if (std::to_string(pid) == wanted) return true;
    } else if (const auto* counts = std::get_if<Counts>(&value)) {
      for (const auto& [name, count] : *counts)
        if (contains_text(name, wanted)) return true;
    } else if (number && std::to_string(std::get<std::uint64_t>(value)) == wanted) {
      return true;
    }
  }
  return false;
}

template <typename Row>
void order_by_field(std::vector<const Row*>& rows, const Field<Row>& field,
                    const Snapshot& snapshot, bool inverted) {
  std::vector<std::pair<Value, const Row*>> order;
  order.reserve(rows.size());
  for (const Row* row : rows) order.emplace_back(field.value(*row, snapshot), row);
  const bool upwards = is_text(field.unit) != inverted;
  std::ranges::stable_sort(order, [&](const auto& a, const auto& b) {
    return upwards ? value_less(a.first, b.first) : value_less(b.first, a.first);
  });
  std::ranges::transform(order, rows.begin(), [](const auto& entry) { return entry.second; });
}

// The members of a SO_REUSEPORT group stand side by side, where the worst of them is.
void keep_siblings_together(std::vector<const Listener*>& rows);

// Whom findings speak of, then who loses most now.
template <typename Row>
void order_worst_first(std::vector<const Row*>& rows, const NamedRows& named) {
  rank_worst_first(rows);
  if (!named.empty())
    std::ranges::stable_sort(rows, {}, [&](const Row* row) { return named.order(*row); });
  if constexpr (std::is_same_v<Row, Listener>) keep_siblings_together(rows);
}
inline void order_worst_first(std::vector<const FindingLine*>&, const NamedRows&) {}  // they are

template <typename Row>
void order_rows(std::vector<const Row*>& rows, std::span<const Field<Row>> fields,
                const Snapshot& snapshot, const NamedRows& named, const TableState& table) {
  const auto field = std::ranges::find(fields, std::string_view(table.sort), &Field<Row>::name);
  if (field != fields.end()) return order_by_field(rows, *field, snapshot, table.inverted);
  order_worst_first(rows, named);
  if (table.inverted) std::ranges::reverse(rows);
}

}  // namespace tcpwatch
