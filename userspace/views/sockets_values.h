// SPDX-License-Identifier: Apache-2.0
//
// Values that several tables of `sockets` have alike.
#pragma once

#include "base/names.h"
#include "views/field_values.h"
#include "views/sockets.h"

namespace tcpwatch {

template <typename Row>
struct SocketColumns {
  template <tw_state S>
  static Value in_state(const Row& row, const Snapshot&) {
    return row.states[S];
  }
  static Value closing(const Row& row, const Snapshot&) {
    return row.states[TW_FIN_WAIT1] + row.states[TW_FIN_WAIT2] + row.states[TW_CLOSING] +
           row.states[TW_LAST_ACK];
  }
  static Value total(const Row& row, const Snapshot&) { return total_of(row.states); }
  static Value states(const Row& row, const Snapshot&) {
    Counts counts;
    for (std::uint32_t state = 0; state < TW_STATES; ++state)
      if (row.states[state] != 0) counts.emplace_back(state_name(state), row.states[state]);
    return counts;
  }
  static Value idle(const Row& row, const Snapshot&) { return if_looked(row, row.activity.idle); }
  static Value waiting(const Row& row, const Snapshot&) {
    return if_looked(row, row.activity.waiting);
  }
  static Value if_looked(const Row& row, std::uint64_t count) {
    return row.activity.looked ? Value(count) : Value(Missing{});
  }
  static Value waiting_since(const Row& row, const Snapshot&) {
    return seconds(row.activity.waiting_since);
  }
  static Value close_wait_age(const Row& row, const Snapshot&) {
    return seconds(row.activity.close_wait_age);
  }
  static Value close_wait_peer(const Row& row, const Snapshot&) {
    return optional_text(row.activity.close_wait_peer);
  }
  static Value address(const Row& row, const Snapshot&) { return row.address; }
  static Value netns(const Row& row, const Snapshot&) { return std::uint64_t{row.netns}; }

  static Tone leak_heat(const Row& row, const Snapshot&) {
    return row.states[TW_CLOSE_WAIT] != 0 ? Tone::kWarning : Tone::kNormal;
  }
  // From the peer's last segment: exact if it has sent none since its FIN.
  static bool guessed(const Row&) { return true; }
};

}  // namespace tcpwatch
