// SPDX-License-Identifier: Apache-2.0
#include "views/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "base/names.h"
#include "base/text.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kMissing = "-";
constexpr std::size_t kIdLength = 12;

// A number of any kind. Lists count for what they hold.
double number_of(const Value& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*count);
  if (const auto* change = std::get_if<std::int64_t>(&value)) return static_cast<double>(*change);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  if (const auto* pids = std::get_if<Pids>(&value)) return static_cast<double>(pids->size());
  double sum = 0;
  if (const auto* counts = std::get_if<Counts>(&value))
    for (const auto& [name, count] : *counts) sum += static_cast<double>(count);
  return sum;
}

std::string whole_text(const Value& value) {
  if (const auto* count = std::get_if<std::uint64_t>(&value)) return std::to_string(*count);
  return format_count(number_of(value));
}

// What may rise and fall says which.
std::string change_sign(const Value& value) {
  const auto* change = std::get_if<std::int64_t>(&value);
  return change && *change > 0 ? "+" : "";
}

std::string first_and_more(std::string first, std::size_t all) {
  return all > 1 ? fmt::format("{} +{}", first, all - 1) : std::move(first);
}

std::string pids_text(const Value& value) {
  const auto* pids = std::get_if<Pids>(&value);
  if (!pids || pids->empty()) return "";
  return first_and_more(std::to_string(pids->front()), pids->size());
}

std::string reasons_text(const Value& value) {
  const auto* counts = std::get_if<Counts>(&value);
  if (!counts || counts->empty()) return "";
  return first_and_more(std::string(counts->front().first), counts->size());
}

// Whole identities are long and differ at once: no "…" behind their beginning.
std::string id_text(const std::string& id) {
  if (display_width(id) <= kIdLength) return id;
  std::string text = cut(id, kIdLength + 1);
  return text.substr(0, text.size() - std::string_view("…").size());
}

std::string plain_text(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text ? sanitize(*text) : "";
}

}  // namespace

bool is_text(Unit unit) {
  return unit == Unit::kText || unit == Unit::kPath || unit == Unit::kAddress ||
         unit == Unit::kId || unit == Unit::kReasons;
}

double per_second(double count, double interval) { return interval > 0 ? count / interval : 0; }

// The column's heading says that it is per second: the numbers need not.
std::string rate_text(double per_second) {
  std::string text = format_rate(per_second);
  if (text.ends_with("/s")) text.resize(text.size() - 2);
  return text;
}

std::string value_text(const Value& value, Unit unit, double interval) {
  if (std::holds_alternative<Missing>(value)) return std::string(kMissing);
  switch (unit) {
    case Unit::kText:
    case Unit::kPath:
    case Unit::kAddress:
      return plain_text(value);
    case Unit::kId:
      return id_text(plain_text(value));
    case Unit::kNumber:
      return whole_text(value);
    case Unit::kCount:
      return format_count(number_of(value));
    case Unit::kRate:
      return change_sign(value) + rate_text(per_second(number_of(value), interval));
    case Unit::kSeconds:
      return format_seconds(number_of(value));
    case Unit::kShare:
      return format_percent(number_of(value));
    case Unit::kPids:
      return pids_text(value);
    case Unit::kReasons:
      return reasons_text(value);
    case Unit::kFlag:
      return number_of(value) != 0 ? "yes" : "no";
  }
  return std::string(kMissing);
}

std::string value_text(const Value& value, Unit unit, double interval, Quality quality) {
  if (quality == Quality::kUnavailable) return std::string(kMissing);
  std::string text = value_text(value, unit, interval);
  const bool marked = quality == Quality::kEstimated && !is_text(unit) && text != kMissing;
  return marked ? "~" + text : text;
}

std::optional<double> value_number(const Value& value) {
  if (std::holds_alternative<Missing>(value) || std::holds_alternative<std::string>(value))
    return std::nullopt;
  return number_of(value);
}

bool value_less(const Value& a, const Value& b) {
  const bool missing = std::holds_alternative<Missing>(a);
  if (missing || std::holds_alternative<Missing>(b))
    return missing && !std::holds_alternative<Missing>(b);
  const auto* text = std::get_if<std::string>(&a);
  const auto* other = std::get_if<std::string>(&b);
  if (text && other) return *text < *other;
  return number_of(a) < number_of(b);
}

Counts failure_counts(const Failures& failures) {
  Counts counts;
  for (std::uint32_t reason = 0; reason < failures.size(); ++reason) {
    if (failures[reason] == 0) continue;
    const std::string_view name = reason_name(reason);
    // Reasons to come have no name yet and share one.
    if (!counts.empty() && counts.back().first == name)
      counts.back().second += failures[reason];
    else
      counts.emplace_back(name, failures[reason]);
  }
  std::ranges::sort(counts, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return counts;
}

}  // namespace tcpwatch
