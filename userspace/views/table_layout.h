// SPDX-License-Identifier: Apache-2.0
//
// Which columns of a table find room in a given width, and how wide each is: the least important
// give way, text columns shrink and grow. Widths are terminal columns. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "views/table.h"

namespace tcpwatch {

inline constexpr std::size_t kTableMargin = 2;  // for the mark
inline constexpr std::size_t kTableGap = 2;     // between columns

class TableLayout {
 public:
  // `wanted`: indices of the columns that may be shown.
  TableLayout(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
              std::vector<std::size_t> wanted, std::size_t width);

  const std::vector<std::size_t>& shown() const { return shown_; }
  std::size_t width(std::size_t column) const { return rooms_[column].least; }

 private:
  struct Room {
    std::size_t least;
    std::size_t wanted;
  };

  static Room room_of(const std::vector<Column>& columns, const std::vector<TableRow>& rows,
                      std::size_t index);
  std::size_t least() const;
  bool leave_out();
  void give_out(std::size_t width);

  const std::vector<Column>& columns_;
  std::vector<Room> rooms_;
  std::vector<std::size_t> shown_;
};

// Cut or filled to `width` as the column wants it.
std::string fitted(const Column& column, std::string_view text, std::size_t width);

}  // namespace tcpwatch
