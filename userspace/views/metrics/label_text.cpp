// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "views/metrics/metric_writer.h"

namespace tcpwatch {

std::string label_text(std::initializer_list<Label> labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (value.empty()) continue;
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    for (const char byte : sanitize(value)) {
      if (byte == '\\' || byte == '"') out += '\\';
      out += byte;
    }
    out += '"';
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> label_pairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  while (!text.empty()) {
    const std::size_t end = text.find("=\"");
    if (end == std::string_view::npos) break;
    auto& [name, value] = pairs.emplace_back(text.substr(0, end), "");
    text.remove_prefix(end + 2);
    while (!text.empty() && text[0] != '"') {
      if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
      value += text[0];
      text.remove_prefix(1);
    }
    text.remove_prefix(text.empty() ? 0 : 1);  // the quote
    if (text.starts_with(',')) text.remove_prefix(1);
  }
  return pairs;
}

}  // namespace tcpwatch
