// SPDX-License-Identifier: Apache-2.0
//
// Values that workers and destinations have alike, since both have Traffic: functions for their
// tables of fields.
#pragma once

#include "views/field_values.h"

namespace tcpwatch {

template <typename Row, Histogram Traffic::* H>
struct Timed {
  static Value p50(const Row& row, const Snapshot&) {
    return seconds((row.delta.*H).quantile(0.5));
  }
  static Value p99(const Row& row, const Snapshot&) {
    return seconds((row.delta.*H).quantile(0.99));
  }
  static Value max(const Row& row, const Snapshot&) { return seconds((row.delta.*H).max()); }
  static Value sum(const Row& row, const Snapshot&) { return whole_ns((row.delta.*H).sum()); }
};

template <typename Row>
struct Connecting {
  using Connect = Timed<Row, &Traffic::connect>;
  using Kernel = Timed<Row, &Traffic::kernel>;

  static Value connects(const Row& row, const Snapshot&) { return row.delta.connects; }
  static Value failed(const Row& row, const Snapshot&) { return row.delta.connect_failures(); }
  static Value failures(const Row& row, const Snapshot&) {
    return failure_counts(row.delta.failures);
  }
  // Of one CPU: 1 is a CPU that does nothing but search for a source port.
  static Value kernel_share(const Row& row, const Snapshot& snapshot) {
    return share(row.delta.kernel.sum(), snapshot.interval);
  }
  static Tone failing(const Row& row, const Snapshot&) {
    return row.delta.connect_failures() != 0 ? Tone::kBad : Tone::kNormal;
  }
  static Tone kernel_heat(const Row& row, const Snapshot& snapshot) {
    const double busy = per_second(row.delta.kernel.sum(), snapshot.interval);
    return busy >= 0.5 ? Tone::kBad : busy >= 0.1 ? Tone::kWarning : Tone::kNormal;
  }
  template <tw_state S>
  static Value in_state(const Row& row, const Snapshot&) {
    return sockets(row.states, S);
  }
  static Value unknown(const Row&, const Snapshot&) { return Missing{}; }
};

}  // namespace tcpwatch
