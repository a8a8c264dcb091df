// SPDX-License-Identifier: Apache-2.0
//
// Rows of the field tables, and pieces that several JSON views share, as JSON. Pure.
#pragma once

#include <span>
#include <string_view>
#include <variant>

#include "views/field.h"
#include "views/json_writer.h"

namespace tcpwatch {

void write_value(JsonWriter& json, const Value& value);
void write_failures(JsonWriter& json, const Failures& failures);
void write_quantiles(JsonWriter& json, const Histogram& histogram);
void write_time(JsonWriter& json, std::uint64_t realtime_ns);

// The members of one row. Fields with the same "object." in front stand together in the table.
template <typename Row>
void write_row(JsonWriter& json, std::span<const Field<Row>> fields, const Row& row,
               const Snapshot& snapshot, const Coverage& coverage) {
  std::string_view open;
  json.begin_object();
  for (const Field<Row>& field : fields) {
    if (field.json.empty()) continue;
    const auto point = field.json.find('.');
    const std::string_view object =
        point == std::string_view::npos ? std::string_view() : field.json.substr(0, point);
    if (object != open) {
      if (!open.empty()) json.end_object();
      if (!object.empty()) json.key(object).begin_object();
      open = object;
    }
    json.key(object.empty() ? field.json : field.json.substr(point + 1));
    if (quality_of(field, row, coverage) == Quality::kUnavailable)
      json.null();
    else
      write_value(json, field.value(row, snapshot));
  }
  if (!open.empty()) json.end_object();
  json.end_object();
}

}  // namespace tcpwatch
