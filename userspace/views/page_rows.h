// SPDX-License-Identifier: Apache-2.0
//
// Some rows of a table (workers, listeners, destinations, or the one row that is the whole host) as
// lines of plots: so many fields, each a line per row. Refers to the rows of the summary that they
// were chosen from.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "views/field.h"
#include "views/page_line.h"
#include "views/value.h"

namespace tcpwatch {

// A field that is worth a plot, and how the plot is called.
struct PageField {
  std::string_view name;  // of the Field
  std::string_view label;
};

inline bool same_row(const Worker& a, const Worker& b) { return a.id == b.id; }
inline bool same_row(const Listener& a, const Listener& b) {
  return a.netns == b.netns && a.address == b.address;
}
inline bool same_row(const Destination& a, const Destination& b) {
  return a.netns == b.netns && a.address == b.address;
}
inline bool same_row(const Snapshot&, const Snapshot&) { return true; }

inline const SharedRows<Worker>& rows_of(const Snapshot& snapshot, const Worker*) {
  return snapshot.workers;
}
inline const std::vector<Listener>& rows_of(const Snapshot& snapshot, const Listener*) {
  return snapshot.listeners;
}
inline const SharedRows<Destination>& rows_of(const Snapshot& snapshot, const Destination*) {
  return snapshot.destinations;
}
inline std::span<const Snapshot> rows_of(const Snapshot& snapshot, const Snapshot*) {
  return {&snapshot, 1};
}

template <typename Row>
class PageRows {
 public:
  struct Chosen {
    const Row* row = nullptr;
    std::size_t nth = 0;   // of several with one address: SO_REUSEPORT
    std::size_t seen = 0;  // in this interval
  };
  struct Plotted {
    const Field<Row>* field = nullptr;
    std::string_view label;
    std::vector<PageLine> lines;  // one per row
  };

  PageRows() = default;
  PageRows(const std::vector<const Row*>& rows, const Snapshot& summary,
           std::span<const Field<Row>> fields, std::span<const PageField> wanted) {
    for (const Row* row : rows) {
      Chosen& chosen = chosen_.emplace_back(Chosen{row});
      for (const Row& other : rows_of(summary, row)) {
        if (&other == row) break;
        chosen.nth += same_row(other, *row) ? 1 : 0;
      }
    }
    for (const PageField& want : wanted)
      for (const Field<Row>& field : fields)
        if (field.name == want.name)
          plotted_.push_back({&field, want.label, std::vector<PageLine>(rows.size())});
  }

  void add(const Snapshot& snapshot, const Coverage& coverage) {
    for (Chosen& chosen : chosen_) chosen.seen = 0;
    for (const Row& row : rows_of(snapshot, static_cast<const Row*>(nullptr)))
      for (std::size_t at = 0; at < chosen_.size(); ++at)
        if (same_row(*chosen_[at].row, row) && chosen_[at].seen++ == chosen_[at].nth)
          add_row(at, row, snapshot, coverage);
  }

  void end_point() {
    for (Plotted& plotted : plotted_)
      for (PageLine& line : plotted.lines) line.end_point();
  }

  const std::vector<Chosen>& chosen() const { return chosen_; }
  const std::vector<Plotted>& plotted() const { return plotted_; }

 private:
  void add_row(std::size_t at, const Row& row, const Snapshot& snapshot, const Coverage& coverage) {
    for (Plotted& plotted : plotted_) {
      const Quality quality = quality_of(*plotted.field, row, coverage);
      const auto number = value_number(plotted.field->value(row, snapshot));
      if (quality == Quality::kUnavailable || !number) continue;
      const bool rate = plotted.field->unit == Unit::kRate;
      plotted.lines[at].add(rate ? per_second(*number, snapshot.interval) : *number,
                            snapshot.interval, quality);
    }
  }

  std::vector<Chosen> chosen_;
  std::vector<Plotted> plotted_;
};

}  // namespace tcpwatch
