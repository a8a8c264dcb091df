// SPDX-License-Identifier: Apache-2.0
//
// The value of one field of a row, and how it is written for people. Machines get the value itself
// (json.h). Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/snapshot.h"
#include "views/coverage.h"

namespace tcpwatch {

using Missing = std::monostate;  // not known here: "-" and null, never 0
using Pids = std::vector<std::uint32_t>;
using Counts = std::vector<std::pair<std::string_view, std::uint64_t>>;  // by name, none is 0
using Value =
    std::variant<Missing, bool, std::uint64_t, std::int64_t, double, std::string, Pids, Counts>;

enum class Unit {
  kText,     // as it is, cut at its end
  kPath,     // as it is, cut at its beginning
  kAddress,  // as it is, cut in its middle: the port stays
  kId,       // its first 12 characters, as container tools print identities
  kNumber,   // every digit: pid, limit
  kCount,    // 12.3k
  kRate,     // a counter's increment in the interval, shown per second
  kSeconds,  // 17.6ms
  kShare,    // 0..1, shown in percent
  kPids,     // the first, and how many more
  kReasons,  // the leading one, and how many more
  kFlag,     // yes, no
};

bool is_text(Unit unit);  // aligned left; the others right

// `interval` in seconds.
std::string value_text(const Value& value, Unit unit, double interval);

// With "~" before an estimate, "-" for what is unavailable.
std::string value_text(const Value& value, Unit unit, double interval, Quality quality);

// Per second; 0 where no time has passed. "12.3k", "0.5".
double per_second(double count, double interval);
std::string rate_text(double per_second);

// A number of any kind, lists as the sum of what they hold; texts and what is missing have none.
std::optional<double> value_number(const Value& value);

// An order for sorting rows by any field: missing, numbers, names.
bool value_less(const Value& a, const Value& b);

// The reasons that were counted, most first.
Counts failure_counts(const Failures& failures);

}  // namespace tcpwatch
