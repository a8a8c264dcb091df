// SPDX-License-Identifier: Apache-2.0
//
// The thresholds by name, as a configuration file sets them: `close-wait` is
// Thresholds::close_wait. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "diagnosis/thresholds.h"

namespace tcpwatch {

struct ThresholdName {
  std::string_view name;
  std::variant<double Thresholds::*, std::uint64_t Thresholds::*, std::int64_t Thresholds::*>
      member;
};

std::span<const ThresholdName> threshold_names();

enum class ThresholdSet { kDone, kUnknown, kNegative, kNotWhole };
ThresholdSet set_threshold(Thresholds& thresholds, std::string_view name, double value);

}  // namespace tcpwatch
