// SPDX-License-Identifier: Apache-2.0
#include "views/screen/order.h"

#include <map>

namespace tcpwatch {
namespace {

char lower(char byte) { return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte; }

}  // namespace

bool contains_text(std::string_view text, std::string_view wanted) {
  const auto same = [](char a, char b) { return lower(a) == lower(b); };
  return std::ranges::search(text, wanted, same).begin() != text.end() || wanted.empty();
}

void keep_siblings_together(std::vector<const Listener*>& rows) {
  std::map<std::uint64_t, std::size_t> place;  // of each group: that of its first member
  std::vector<std::pair<std::size_t, const Listener*>> order;
  order.reserve(rows.size());
  for (const Listener* row : rows) {
    std::size_t at = order.size();
    if (row->reuseport_group) at = place.try_emplace(*row->reuseport_group, at).first->second;
    order.emplace_back(at, row);
  }
  std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
  std::ranges::transform(order, rows.begin(), [](const auto& entry) { return entry.second; });
}

}  // namespace tcpwatch
