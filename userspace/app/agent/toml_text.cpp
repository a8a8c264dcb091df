// SPDX-License-Identifier: Apache-2.0
#include "app/agent/toml_text.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "base/utf8.h"

namespace tcpwatch {
namespace {

constexpr std::ptrdiff_t kMostDots = 100;  // in a line

struct Tripped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The line of the first character that no TOML text has.
std::optional<unsigned> line_of_nonsense(std::string_view text) {
  unsigned line = 1;
  while (!text.empty()) {
    const CodePoint character = first_code_point(text);
    const bool blank =
        character.value == '\t' || character.value == '\n' || character.value == '\r';
    if (!character.valid || (character.value < 0x20 && !blank) || character.value == 0x7f)
      return line;
    if (character.value == '\n') ++line;
    text.remove_prefix(character.length);
  }
  return std::nullopt;
}

// Each dot of a key is a table in a table, and what frees them calls itself for each.
std::optional<unsigned> line_of_many_dots(std::string_view text) {
  for (unsigned line = 1; !text.empty(); ++line) {
    const std::string_view row = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(row.size() + 1, text.size()));
    const bool comment =
        row.substr(std::min(row.find_first_not_of(" \t"), row.size())).starts_with('#');
    if (!comment && std::ranges::count(row, '.') > kMostDots) return line;
  }
  return std::nullopt;
}

bool trips(std::string_view text) {
  try {
    (void)toml::parse(text);
  } catch (const Tripped&) {
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
  return false;
}

// Whatever comes after it, the text trips from this line on.
unsigned tripping_line(std::string_view text) {
  std::vector<std::size_t> ends;  // of the lines
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n' || i + 1 == text.size()) ends.push_back(i + 1);
  std::size_t low = 0;
  for (std::size_t high = ends.size(); low < high;) {
    const std::size_t middle = (low + high) / 2;
    if (trips(text.substr(0, ends[middle])))
      high = middle;
    else
      low = middle + 1;
  }
  return static_cast<unsigned>(low + 1);
}

}  // namespace

void toml_tripped() { throw Tripped("toml++"); }

TomlText parse_toml(std::string_view text) {
  TomlText parsed;
  if (const auto line = line_of_nonsense(text)) {
    parsed.wrong = {*line, "a byte that is no text (UTF-8) is in here"};
    return parsed;
  }
  if (const auto line = line_of_many_dots(text)) {
    parsed.wrong = {*line, "more than 100 dots in a line: no configuration"};
    return parsed;
  }
  try {
    parsed.table = toml::parse(text);
  } catch (const Tripped&) {
    parsed.wrong = {tripping_line(text), "a key or a value is wanted here"};
  } catch (const toml::parse_error& error) {
    parsed.wrong = {error.source().begin.line, std::string(error.description())};
  }
  return parsed;
}

}  // namespace tcpwatch
