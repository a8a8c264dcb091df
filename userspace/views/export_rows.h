// SPDX-License-Identifier: Apache-2.0
//
// The columns of the exported tables, told once: each format is a RowWriter that they are told to.
// For export*.cpp alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "events/record.h"

namespace tcpwatch {

class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void time(std::string_view name, std::uint64_t monotonic_ns) = 0;
  virtual void number(std::string_view name, std::uint64_t value) = 0;
  // A column whose numbers are not always known.
  virtual void known_number(std::string_view name, std::optional<std::uint64_t> value) = 0;
  virtual void text(std::string_view name, std::string_view value) = 0;
};

// False: no table for this kind.
bool tell_row(const Record& record, RowWriter& row);

}  // namespace tcpwatch
