// SPDX-License-Identifier: Apache-2.0
//
// From fields to columns and cells of a table: what batch text and the screen have alike. Pure.
#pragma once

#include <string>
#include <string_view>

#include "views/field.h"
#include "views/ranking.h"
#include "views/table.h"

namespace tcpwatch {

template <typename Row>
Column column_of(const Field<Row>& field) {
  return {.title = std::string(field.title),
          .left = is_text(field.unit),
          .cut = field.unit == Unit::kPath      ? Cut::kBegin
                 : field.unit == Unit::kAddress ? Cut::kMiddle
                                                : Cut::kEnd,
          .rank = field.rank,
          .width = field.width,
          .keep = field.keep};
}

// What is nothing shall not draw the eye.
inline Tone tone_of(Tone tone, std::string_view text) {
  const bool nothing = text == "0" || text == "~0" || text == "0%" || text == "-";
  return tone == Tone::kNormal && nothing ? Tone::kDim : tone;
}

template <typename Row>
Cell cell_of(const Field<Row>& field, const Row& row, const Snapshot& snapshot,
             const Coverage& coverage) {
  std::string text = field_text(field, row, snapshot, coverage);
  const Tone tone = tone_of(field.tone ? field.tone(row, snapshot) : Tone::kNormal, text);
  return {std::move(text), tone};
}

inline bool has_ended(const Worker& row) { return !row.alive; }
inline bool has_ended(const Listener& row) { return row.closed; }
inline bool has_ended(const Destination&) { return false; }

// "!" loses connections, "x" has ended.
template <typename Row>
char mark_of(const Row& row) {
  return in_trouble(row) ? '!' : has_ended(row) ? 'x' : ' ';
}

}  // namespace tcpwatch
