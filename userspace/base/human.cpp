// SPDX-License-Identifier: Apache-2.0
#include "base/human.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>
#include <string_view>

namespace tcpwatch {
namespace {

constexpr std::string_view kNoNumber = "-";

// One digit after the point below 100, none from there on, no ".0". Rounds before it chooses, so
// that 99.96 is "100" and not "100.0". Adding 0.0 makes -0 a plain 0.
std::string short_number(double value) {
  const double tenths = std::round(value * 10) / 10 + 0.0;
  if (std::abs(tenths) >= 100) return fmt::format("{:.0f}", value);
  return fmt::format("{}", tenths);
}

// Goes on to the next unit where the rounded number would reach `step`: 999.6 is "1k", not "1000".
std::string scaled(double value, double step, std::span<const std::string_view> units) {
  std::size_t unit = 0;
  while (unit + 1 < units.size() && std::abs(std::round(value)) >= step) {
    value /= step;
    ++unit;
  }
  if (unit == 0) return fmt::format("{:.0f}{}", std::round(value) + 0.0, units[0]);
  return short_number(value) + std::string(units[unit]);
}

constexpr std::array<std::string_view, 6> kCounts{"", "k", "M", "G", "T", "P"};
constexpr std::array<std::string_view, 6> kBytes{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

std::string two_units(double seconds, int large, std::string_view large_name, int small,
                      std::string_view small_name) {
  const auto total = std::llround(seconds / small);
  const auto each = large / small;
  return fmt::format("{}{}{:02}{}", total / each, large_name, total % each, small_name);
}

// From a minute on; each bound is where the smaller form would round up to a whole larger unit.
std::string long_time(double seconds) {
  if (seconds < 3599.5) return two_units(seconds, 60, "m", 1, "s");
  if (seconds < 86400 - 30) return two_units(seconds, 3600, "h", 60, "m");
  if (seconds < 100 * 86400 - 1800) return two_units(seconds, 86400, "d", 3600, "h");
  if (seconds < 1e12) return fmt::format("{}d", std::llround(seconds / 86400));
  return std::string(kNoNumber);
}

}  // namespace

std::string format_count(double count) {
  if (!std::isfinite(count)) return std::string(kNoNumber);
  return scaled(count, 1000, kCounts);
}

std::string format_bytes(double bytes) {
  if (!std::isfinite(bytes)) return std::string(kNoNumber);
  return scaled(bytes, 1024, kBytes);
}

std::string format_rate(double per_second) {
  if (!std::isfinite(per_second)) return std::string(kNoNumber);
  const double size = std::abs(per_second);
  if (size == 0) return "0/s";
  if (size < 0.01) return per_second < 0 ? ">-0.01/s" : "<0.01/s";
  if (size < 0.995) return fmt::format("{}/s", std::round(per_second * 100) / 100);
  if (size < 99.95) return fmt::format("{}/s", short_number(per_second));
  return format_count(per_second) + "/s";
}

std::string format_seconds(double seconds) {
  if (!std::isfinite(seconds)) return std::string(kNoNumber);
  if (seconds < 0) return "-" + format_seconds(-seconds);
  if (seconds < 0.5e-9) return "0s";
  if (seconds < 999.5e-9) return fmt::format("{:.0f}ns", seconds * 1e9);
  if (seconds < 999.5e-6) return short_number(seconds * 1e6) + "us";
  if (seconds < 999.5e-3) return short_number(seconds * 1e3) + "ms";
  if (seconds < 59.95) return short_number(seconds) + "s";
  return long_time(seconds);
}

std::string format_percent(double fraction) {
  if (!std::isfinite(fraction)) return std::string(kNoNumber);
  const double percent = fraction * 100;
  // Never "100%" of what is not all, nor "0%" of what is not nothing.
  if (percent > 99.9 && percent < 100) return ">99.9%";
  if (percent > 0 && percent < 0.1) return "<0.1%";
  return short_number(percent) + "%";
}

}  // namespace tcpwatch
