// SPDX-License-Identifier: Apache-2.0
//
// One field of a row: the single place that says what it is called, what it means, where it stands
// in JSON, how wide and important it is as a column, and how good it is on this kernel. Tables of
// fields (fields.h) serve batch text, JSON, the screen and the docs alike.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "views/palette.h"
#include "views/value.h"

namespace tcpwatch {

// What a field is worth where nothing watches its signal.
enum class Unwatched {
  kUnavailable,  // nothing
  kEstimated,    // other signals tell most of it
};

// The rank of a column that is shown only where a view or the user asks for it by name.
inline constexpr int kOnRequest = 100;

template <typename Row>
struct Field {
  std::string_view name;   // for --sort and the docs; never changes
  std::string_view title;  // heading of the column; empty: not shown as text
  Unit unit = Unit::kCount;
  std::string_view help;
  std::string_view json = {};    // key, or "object.key"; empty: not in JSON
  std::string_view signal = {};  // of the hook plan; empty: always exact
  Unwatched unwatched = Unwatched::kUnavailable;
  // Columns of rank 0 are always shown; from the highest rank on they give way to the others.
  int rank = 9;
  std::size_t width = 0;  // the least
  std::size_t keep = 0;   // text: not cut below this, if less important columns can give way
  bool meter = false;     // a share that a screen draws as a bar
  Value (*value)(const Row&, const Snapshot&) = nullptr;
  Tone (*tone)(const Row&, const Snapshot&) = nullptr;
  bool (*estimated)(const Row&) = nullptr;  // in this row, whatever the signal
};

template <typename Row>
Quality quality_of(const Field<Row>& field, const Row& row, const Coverage& coverage) {
  Quality quality = field.signal.empty() ? Quality::kExact : coverage.of(field.signal);
  if (quality == Quality::kUnavailable && field.unwatched == Unwatched::kEstimated)
    quality = Quality::kEstimated;
  if (quality == Quality::kExact && field.estimated && field.estimated(row))
    quality = Quality::kEstimated;
  return quality;
}

// Whether a column of this field stands in a table that nobody asked for more.
template <typename Row>
bool is_column(const Field<Row>& field) {
  return !field.title.empty() && field.rank < kOnRequest;
}

template <typename Row>
std::string field_text(const Field<Row>& field, const Row& row, const Snapshot& snapshot,
                       const Coverage& coverage) {
  return value_text(field.value(row, snapshot), field.unit, snapshot.interval,
                    quality_of(field, row, coverage));
}

}  // namespace tcpwatch
