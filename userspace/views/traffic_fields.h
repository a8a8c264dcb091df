// SPDX-License-Identifier: Apache-2.0
//
// What workers and destinations have alike, since both have Traffic: fields, and the functions
// behind them.
#pragma once

#include "views/field.h"
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
  static Value fin_wait2(const Row& row, const Snapshot&) {
    return static_cast<std::uint64_t>(row.states[TW_FIN_WAIT2]) +
           (row.sockets ? row.sockets->fin_waits : 0);
  }
};

// clang-format off
template <typename Row>
inline constexpr Field<Row> kConnects{
    .name = "connects", .title = "CONN/S", .unit = Unit::kRate,
    .help = "connects begun, whatever their outcome", .json = "connects", .signal = "states",
    .rank = 0, .value = Connecting<Row>::connects};

template <typename Row>
inline constexpr Field<Row> kFails{
    .name = "fails", .title = "FAIL/S", .unit = Unit::kRate, .help = "connects that failed",
    .signal = "connect_errors", .unwatched = Unwatched::kEstimated, .rank = 0,
    .value = Connecting<Row>::failed, .tone = Connecting<Row>::failing};

template <typename Row>
inline constexpr Field<Row> kReason{
    .name = "reason", .title = "REASON", .unit = Unit::kReasons,
    .help = "why connects failed: the leading reason, and how many others",
    .json = "connect_failures", .signal = "connect_errors", .unwatched = Unwatched::kEstimated,
    .rank = 0, .width = 13, .keep = 16, .value = Connecting<Row>::failures, .tone = Connecting<Row>::failing};
// clang-format on

// What the last look through the socket table found of workers, destinations and listeners.
template <typename Row>
struct Looked {
  template <std::uint64_t SocketFacts::* Count>
  static Value count(const Row& row, const Snapshot&) {
    return row.sockets ? Value((*row.sockets).*Count) : Value(Missing{});
  }
  static Value waiting_since(const Row& row, const Snapshot&) {
    if (!row.sockets || row.sockets->waiting == 0) return Missing{};
    return whole_ns(row.sockets->waiting_since);
  }
  static Value waiting_for(const Row& row, const Snapshot&) {
    return row.sockets ? optional_text(row.sockets->waiting_for) : Missing{};
  }
  static Value oldest(const Row& row, const Snapshot&) {
    const CloseWaits* found = leak(row);
    return found ? Value(whole_ns(found->oldest)) : Value(Missing{});
  }
  static Value median(const Row& row, const Snapshot&) {
    const CloseWaits* found = leak(row);
    return found ? Value(whole_ns(found->median)) : Value(Missing{});
  }
  static Value peer(const Row& row, const Snapshot&) {
    const CloseWaits* found = leak(row);
    return found ? optional_text(found->peer) : Value(Missing{});
  }
  static Value dated(const Row& row, const Snapshot&) {
    const CloseWaits* found = leak(row);
    return found ? Value(found->exact) : Value(Missing{});
  }
  static bool oldest_guessed(const Row& row) { return leak(row) && !leak(row)->oldest_exact; }
  static bool ages_guessed(const Row& row) { return leak(row) && !leak(row)->exact; }

 private:
  static const CloseWaits* leak(const Row& row) {
    return row.sockets && row.sockets->close_waits ? &*row.sockets->close_waits : nullptr;
  }
};

}  // namespace tcpwatch
