// SPDX-License-Identifier: Apache-2.0
//
// Pieces that the tables of fields share.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/container.h"
#include "views/value.h"

namespace tcpwatch {

template <typename T>
Value optional_count(const std::optional<T>& value) {
  return value ? Value(static_cast<std::uint64_t>(*value)) : Value(Missing{});
}

inline Value optional_text(const std::string& text) {
  return text.empty() ? Value(Missing{}) : Value(text);
}

// Of rows with a cgroup.
template <typename Row>
Value pod_uid(const Row& row, const Snapshot&) {
  const auto pod = pod_of(row.cgroup);
  return pod ? Value(*pod) : Value(Missing{});
}

// Whole nanoseconds, so that JSON shows 0.0125 and not 0.012500000000000001.
inline double whole_ns(double seconds) { return std::round(seconds * 1e9) / 1e9; }

inline Value seconds(const std::optional<double>& value) {
  return value ? Value(whole_ns(*value)) : Value(Missing{});
}

inline Value share(double part, double whole) {
  return whole > 0 ? Value(part / whole) : Value(Missing{});
}

// Sockets now in a state; the model never gives negative ones.
inline Value sockets(const States& states, tw_state state) {
  return static_cast<std::uint64_t>(states[state]);
}

}  // namespace tcpwatch
