// SPDX-License-Identifier: Apache-2.0
//
// What rows are known by from one snapshot to the next.
#pragma once

#include "model/snapshot.h"
#include "views/screen/finding_line.h"
#include "views/screen/groups.h"
#include "views/screen/view_state.h"

namespace tcpwatch {

inline RowKey key_of(const WorkerId& id) {
  return {std::uint64_t{id.pid} << 32 | id.start_ticks, ""};
}

// A group of workers has no process of its own: its name is its identity.
inline RowKey key_of(const Worker& row, const Snapshot&) {
  return is_group(row) ? RowKey{0, row.comm} : key_of(row.id);
}

// Sockets that share an address (SO_REUSEPORT) are told apart by their order.
inline RowKey key_of(const Listener& row, const Snapshot& snapshot) {
  std::uint64_t same = 0;
  for (const Listener& other : snapshot.listeners) {
    if (&other == &row) break;
    same += other.netns == row.netns && other.address == row.address ? 1 : 0;
  }
  return {std::uint64_t{row.netns} << 32 | same, row.address};
}

inline RowKey key_of(const Destination& row, const Snapshot&) { return {row.netns, row.address}; }

inline RowKey key_of(const FindingLine& row, const Snapshot&) {
  return {0, row.id + ' ' + row.subject};
}

// Cheap, and true for the row itself: most rows are told apart without making their key.
inline bool may_be(const Worker& row, const RowKey& key) {
  return is_group(row) ? row.comm == key.text : key_of(row.id).number == key.number;
}
inline bool may_be(const Listener& row, const RowKey& key) { return row.address == key.text; }
inline bool may_be(const Destination& row, const RowKey& key) {
  return row.netns == key.number && row.address == key.text;
}
inline bool may_be(const FindingLine& row, const RowKey& key) {
  return key.text.starts_with(row.id);
}

}  // namespace tcpwatch
