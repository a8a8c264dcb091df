// SPDX-License-Identifier: Apache-2.0
#include "base/duration.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace tcpwatch {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array<Unit, 7> kUnits{{{"d", 86'400'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"s", 1'000'000'000},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

std::optional<std::int64_t> unit_of(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

Error bad_duration(std::string_view text, std::string_view why) {
  return {ErrorKind::kUsage, fmt::format("'{}' is no duration: {}", text, why),
          "write a number and a unit: 500ms, 10s, 5m, 1h"};
}

// Digits, with at most one point that has digits on both sides. Nothing on overflow.
struct Decimal {
  std::int64_t whole = 0;
  double fraction = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  for (const char digit : whole) {
    if (__builtin_mul_overflow(decimal.whole, 10, &decimal.whole) ||
        __builtin_add_overflow(decimal.whole, digit - '0', &decimal.whole)) {
      return std::nullopt;
    }
  }
  if (point == std::string_view::npos) return decimal;
  double scale = 0.1;
  for (const char digit : text.substr(point + 1)) {
    decimal.fraction += scale * (digit - '0');
    scale /= 10;
  }
  return decimal;
}

bool is_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  if (point == std::string_view::npos) return true;
  return point > 0 && point + 1 < text.size() &&
         text.find('.', point + 1) == std::string_view::npos;
}

}  // namespace

Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  if (text.starts_with('-')) return bad_duration(text, "it is negative");
  const std::size_t split = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, split);
  const std::string_view name = text.substr(split);
  if (!is_decimal(number)) return bad_duration(text, "it does not begin with a number");
  if (name.empty()) return bad_duration(text, "its unit is missing");
  const std::optional<std::int64_t> unit = unit_of(name);
  if (!unit) return bad_duration(text, fmt::format("'{}' is no unit", name));

  const std::optional<Decimal> decimal = parse_decimal(number);
  std::int64_t total = 0;
  if (!decimal || __builtin_mul_overflow(decimal->whole, *unit, &total)) {
    return bad_duration(text, "it is too long");
  }
  const auto part = std::llround(decimal->fraction * static_cast<double>(*unit));
  if (__builtin_add_overflow(total, part, &total)) return bad_duration(text, "it is too long");
  return std::chrono::nanoseconds(total);
}

std::string duration_text(std::chrono::nanoseconds duration) {
  const std::int64_t total = duration.count();
  if (total == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (total % unit.nanoseconds == 0)
      return fmt::format("{}{}", total / unit.nanoseconds, unit.name);
  }
  return {};  // the last unit divides everything
}

}  // namespace tcpwatch
