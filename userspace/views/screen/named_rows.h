// SPDX-License-Identifier: Apache-2.0
//
// Which rows the findings worse than info speak of, and the worst finding of each: such rows are
// marked, and come first where the user has chosen no order: whom nothing else explains before whom
// it happens to, who lives before who has ended. Refers to the findings. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "model/snapshot.h"
#include "views/field_table.h"
#include "views/screen/finding_line.h"
#include "views/screen/groups.h"

namespace tcpwatch {

struct Naming {
  static constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();

  std::size_t place = kNobody;  // whom the worst finding leads with, then its others, and so on
  Severity severity = Severity::kInfo;
};

class NamedRows {
 public:
  explicit NamedRows(std::span<const FindingLine> findings);
  // A group of workers is named where one of them is.
  void add_groups(std::span<const Worker* const> workers, Group group);

  Naming of(const Worker& row) const;
  Naming of(const Listener& row) const { return at(listeners_, row.netns, row.address); }
  Naming of(const Destination& row) const { return at(destinations_, row.netns, row.address); }
  Naming of(const FindingLine&) const { return {}; }
  bool empty() const { return nobody_; }

  // What rows are ordered by. Whose process has ended can be helped no more.
  template <typename Row>
  std::pair<bool, std::size_t> order(const Row& row) const {
    const std::size_t place = of(row).place;
    return {place == Naming::kNobody || has_ended(row), place};
  }

 private:
  using Places = std::map<std::pair<std::uint32_t, std::string_view>, Naming>;

  static Naming at(const Places& places, std::uint32_t netns, std::string_view address);

  std::unordered_map<std::uint32_t, Naming> pids_;
  std::unordered_map<std::string, Naming> groups_;
  Places listeners_;
  Places destinations_;
  bool nobody_ = true;
};

}  // namespace tcpwatch
