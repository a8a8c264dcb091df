// SPDX-License-Identifier: Apache-2.0
#include "host/conntrack.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

std::optional<std::uint32_t> hexadecimal(std::string_view word) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, 16);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return number;
}

void add(tw_conntrack& record, std::string_view name, std::uint32_t number) {
  if (name == "entries") record.count = number;  // of the namespace: each line says the same
  if (name == "drop" || name == "insert_failed") record.dropped += number;
  if (name == "early_drop") record.early_dropped += number;
}

}  // namespace

bool parse_conntrack(std::string_view text, tw_conntrack& record) {
  record.count = 0;
  record.dropped = record.early_dropped = 0;
  std::vector<std::string_view> names;
  std::string_view header = take_until(text, '\n');
  for (std::string_view name = take_word(header); !name.empty(); name = take_word(header))
    names.push_back(name);
  if (names.empty() || names.front() != "entries") return false;
  bool found = false;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    for (const std::string_view name : names) {
      const auto number = hexadecimal(take_word(line));
      if (!number) break;
      add(record, name, *number);
      found = true;
    }
  }
  return found;
}

bool read_conntrack(const std::string& net, std::string& buffer, tw_conntrack& record) {
  return read_file(net + "/stat/nf_conntrack", buffer) && parse_conntrack(buffer, record);
}

}  // namespace tcpwatch
