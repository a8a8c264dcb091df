// SPDX-License-Identifier: Apache-2.0
#include "base/size.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace tcpwatch {
namespace {

// As a power of two; nothing: there is no such unit.
int shift_of(std::string_view unit) {
  if (unit.ends_with("iB")) unit.remove_suffix(2);
  if (unit.empty() || unit == "B") return 0;
  if (unit.size() != 1) return -1;
  switch (unit[0]) {
    case 'k':
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    case 'T':
      return 40;
    default:
      return -1;
  }
}

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto used = static_cast<std::size_t>(end - text.data());
  const int shift = shift_of(text.substr(used));
  if (error != std::errc() || used == 0 || shift < 0 ||
      number > std::numeric_limits<std::uint64_t>::max() >> shift)
    return Error{ErrorKind::kUsage, fmt::format("`{}` is no size", text),
                 "a whole number of bytes, or with K, M, G: 100M"};
  return number << shift;
}

}  // namespace tcpwatch
