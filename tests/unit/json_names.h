// SPDX-License-Identifier: Apache-2.0
//
// Names that stand twice in one object of a JSON text: parsers keep the last and drop the others
// without a word, so that a test which only parses does not see it.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace tcpwatch::test {

inline std::vector<std::string> names_twice(const std::string& text) {
  using nlohmann::json;
  std::vector<std::string> twice;
  std::vector<std::set<std::string>> open;  // the objects that the parser is in
  const auto look = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      twice.push_back(parsed.get<std::string>());
    return true;
  };
  if (json::parse(text, look, false).is_discarded()) twice.emplace_back("no JSON");
  return twice;
}

}  // namespace tcpwatch::test
