// SPDX-License-Identifier: Apache-2.0
#include "app/moment.h"

#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <optional>

#include "base/duration.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDay = 86'400 * kSecond;

// What stands behind the whole seconds: "", ".5", "Z", ".5Z".
std::optional<std::uint64_t> fraction_of(const char* rest, bool zone) {
  std::uint64_t ns = 0;
  if (*rest == '.') {
    char* end = nullptr;
    const double part = std::strtod(rest, &end);
    if (end == rest + 1 || part < 0 || part >= 1) return std::nullopt;
    ns = static_cast<std::uint64_t>(part * 1e9 + 0.5);
    rest = end;
  }
  if (zone && *rest++ != 'Z') return std::nullopt;
  return *rest == 0 ? std::optional(ns) : std::nullopt;
}

std::optional<std::uint64_t> rfc3339(const std::string& text) {
  tm parts{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  const auto ns = fraction_of(rest, true);
  if (!ns) return std::nullopt;
  return static_cast<std::uint64_t>(::timegm(&parts)) * kSecond + *ns;
}

// Of the day of `begin`, or of the one after it where that would be before the begin.
std::optional<std::uint64_t> time_of_day(const std::string& text, std::uint64_t begin) {
  tm parts{};
  const char* rest = ::strptime(text.c_str(), "%H:%M:%S", &parts);
  if (rest == nullptr) rest = ::strptime(text.c_str(), "%H:%M", &parts);
  if (rest == nullptr) return std::nullopt;
  const auto ns = fraction_of(rest, false);
  if (!ns) return std::nullopt;
  const auto seconds =
      static_cast<std::uint64_t>(parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec);
  const std::uint64_t moment = begin - begin % kDay + seconds * kSecond + *ns;
  return moment + kSecond < begin ? moment + kDay : moment;
}

}  // namespace

Result<std::uint64_t> parse_moment(const std::string& text, std::uint64_t begin,
                                   std::uint64_t end) {
  if (const auto moment = rfc3339(text)) return *moment;
  if (const auto moment = time_of_day(text, begin)) return *moment;
  const bool before_end = text.starts_with('-');
  if (const auto duration = parse_duration(before_end ? text.substr(1) : text)) {
    const auto ns = static_cast<std::uint64_t>(duration->count());
    return before_end ? (end > ns ? end - ns : 0) : begin + ns;
  }
  return Error{ErrorKind::kUsage, fmt::format("`{}` is no moment", text),
               "01:45, 01:45:12, 2025-11-21T01:45:12Z, 30s after the begin, -30s before the end"};
}

}  // namespace tcpwatch
