// SPDX-License-Identifier: Apache-2.0
//
// A table's rows whatever they are of, in the order of the screen. Only those that are seen are
// ever written out: 20,000 rows cost their order, not their text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "views/screen/view_state.h"
#include "views/table.h"
#include "views/text_flow.h"

namespace tcpwatch {

// A column that a table may have.
struct ColumnChoice {
  std::string_view name;
  std::string_view title;
  std::string_view help;
  bool on = true;     // shown now, if there is room
  bool text = false;  // sorted from A to Z, others from the greatest
};

class Rows {
 public:
  Rows() = default;
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  virtual ~Rows() = default;

  virtual std::size_t size() const = 0;
  virtual std::size_t unfiltered() const = 0;
  virtual RowKey key(std::size_t row) const = 0;
  virtual std::optional<std::size_t> find(const RowKey& key) const = 0;
  virtual bool matches(std::size_t row, std::string_view text) const = 0;
  virtual const std::vector<ColumnChoice>& choices() const = 0;

  // Columns that are on and have something to say, and cells in the same order.
  virtual std::vector<Column> columns() const = 0;
  virtual std::vector<std::string_view> names() const = 0;
  virtual TableRow row(std::size_t row) const = 0;
  // The fields of one row that are anything but nothing, labelled.
  virtual std::vector<FlowItem> details(std::size_t row) const = 0;
};

}  // namespace tcpwatch
