// SPDX-License-Identifier: Apache-2.0
//
// What the user has chosen to see: a value, changed by handle() alone. With a snapshot and the
// history it determines every cell of the screen.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace tcpwatch {

enum class View { kWorkers, kListeners, kDestinations, kStates, kFindings };
inline constexpr std::size_t kViews = 5;

enum class Group { kProcess, kCgroup, kContainer, kComm };

// A row's identity from one snapshot to the next, while its place changes.
struct RowKey {
  std::uint64_t number = 0;
  std::string text;
  bool operator==(const RowKey&) const = default;
};

struct TableState {
  std::optional<RowKey> selected;  // nothing: the first row, whichever it is
  std::size_t at = 0;              // where the selected row was last: its heir when it has gone
  std::size_t top = 0;             // first row on the screen
  std::string sort;                // name of a field; empty: worst first
  bool inverted = false;
  std::set<std::string> toggled;  // columns that are shown or hidden against their habit
};

// A row that was opened with Enter: its own page.
struct Opened {
  enum class Kind { kWorker, kGroup, kListener, kDestination, kFinding };
  Kind kind = Kind::kWorker;
  RowKey key;
  std::string name;
  TableState table;
  std::string filter;
};

enum class Overlay { kNone, kHelp, kSearch, kFilter, kSort, kColumns };

struct ViewState {
  std::size_t width = 80;
  std::size_t height = 24;
  View view = View::kWorkers;
  std::array<TableState, kViews> tables;
  std::vector<Opened> path;  // drill-down, the last is on the screen
  Group group = Group::kProcess;
  std::string search;
  std::string filter;  // of all views; an opened row has its own
  Overlay overlay = Overlay::kNone;
  std::string input;        // of a prompt
  std::size_t menu_at = 0;  // of a menu or the help text
  bool frozen = false;
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  std::string notice;  // one line, until the next key
  std::string replay;  // where a replay stands; empty: this is live

  std::string& active_filter() { return path.empty() ? filter : path.back().filter; }
  const std::string& active_filter() const { return path.empty() ? filter : path.back().filter; }
  TableState& table() {
    return path.empty() ? tables[static_cast<std::size_t>(view)] : path.back().table;
  }
  const TableState& table() const {
    return path.empty() ? tables[static_cast<std::size_t>(view)] : path.back().table;
  }
};

}  // namespace tcpwatch
