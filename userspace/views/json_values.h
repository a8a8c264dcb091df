// SPDX-License-Identifier: Apache-2.0
//
// Rows of the field tables, and pieces that several JSON views share, as JSON. Pure.
#pragma once

#include <algorithm>
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

// What stands before the point of a field's name in JSON; empty: it is a member of the row itself.
template <typename Row>
std::string_view object_of(const Field<Row>& field) {
  const auto point = field.json.find('.');
  return point == std::string_view::npos ? std::string_view() : field.json.substr(0, point);
}

template <typename Row>
void write_member(JsonWriter& json, std::string_view name, const Field<Row>& field, const Row& row,
                  const Snapshot& snapshot, const Coverage& coverage) {
  json.key(name);
  if (quality_of(field, row, coverage) == Quality::kUnavailable)
    json.null();
  else
    write_value(json, field.value(row, snapshot));
}

// The members of one row. An object stands where the first field of it does and holds all of them,
// wherever the table has them as columns: of a name that comes twice, parsers keep only the last.
template <typename Row>
void write_row(JsonWriter& json, std::span<const Field<Row>> fields, const Row& row,
               const Snapshot& snapshot, const Coverage& coverage) {
  json.begin_object();
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    if (field->json.empty()) continue;
    const std::string_view object = object_of(*field);
    const auto same = [&](const Field<Row>& one) { return object_of(one) == object; };
    if (object.empty()) {
      write_member(json, field->json, *field, row, snapshot, coverage);
    } else if (std::none_of(fields.begin(), field, same)) {
      json.key(object).begin_object();
      for (const Field<Row>& one : fields)
        if (same(one))
          write_member(json, one.json.substr(object.size() + 1), one, row, snapshot, coverage);
      json.end_object();
    }
  }
  json.end_object();
}

}  // namespace tcpwatch
