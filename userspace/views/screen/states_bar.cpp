// SPDX-License-Identifier: Apache-2.0
#include "views/screen/states_bar.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/human.h"
#include "base/names.h"

namespace tcpwatch {
namespace {

struct Part {
  tw_state state;
  std::string_view fill;
  Tone tone;
  double count = 0;
};

constexpr std::array<Part, 9> kParts{{{TW_ESTABLISHED, "█", Tone::kGood},
                                      {TW_SYN_SENT, "▒", Tone::kWarning},
                                      {TW_SYN_RECV, "▒", Tone::kWarning},
                                      {TW_CLOSE_WAIT, "▓", Tone::kBad},
                                      {TW_FIN_WAIT1, "▪", Tone::kNormal},
                                      {TW_FIN_WAIT2, "▪", Tone::kNormal},
                                      {TW_LAST_ACK, "▪", Tone::kNormal},
                                      {TW_CLOSING, "▪", Tone::kNormal},
                                      {TW_TIME_WAIT, "░", Tone::kDim}}};

// Every state that exists gets a cell; the rest by share, the largest takes what rounding leaves.
std::vector<std::size_t> cells_of(const std::vector<Part>& parts, std::size_t width) {
  double sum = 0;
  for (const Part& part : parts) sum += part.count;
  std::vector<std::size_t> cells;
  std::size_t used = 0;
  for (const Part& part : parts) {
    const double share = std::floor(part.count / sum * static_cast<double>(width));
    cells.push_back(std::max<std::size_t>(1, static_cast<std::size_t>(share)));
    used += cells.back();
  }
  const auto largest = std::ranges::max_element(cells);
  if (used < width) *largest += width - used;
  if (used > width) *largest -= std::min(*largest - 1, used - width);
  return cells;
}

}  // namespace

void draw_states_bar(Frame& frame, std::size_t y, std::size_t x, const Snapshot& snapshot) {
  frame.put(0, y, "sockets", {Tone::kTitle});
  std::vector<Part> parts;
  for (Part part : kParts) {
    part.count = part.state == TW_TIME_WAIT ? static_cast<double>(snapshot.time_wait.value_or(0))
                                            : static_cast<double>(snapshot.states[part.state]);
    if (part.count > 0) parts.push_back(part);
  }
  if (parts.empty()) {
    frame.put(x, y, "no connections", {Tone::kDim});
    return;
  }
  const std::size_t width = std::clamp<std::size_t>(frame.width() / 5, parts.size(), 60);
  const std::vector<std::size_t> cells = cells_of(parts, width);
  for (std::size_t i = 0; i < parts.size(); ++i)
    for (std::size_t cell = 0; cell < cells[i]; ++cell)
      x += frame.put(x, y, parts[i].fill, {parts[i].tone});
  std::ranges::stable_sort(parts, std::greater<>(), &Part::count);
  for (const Part& part : parts) {
    x += 2;
    x += frame.put(x, y, part.fill, {part.tone}) + 1;
    x += frame.put(x, y, format_count(part.count) + " " + std::string(state_name(part.state)));
  }
}

}  // namespace tcpwatch
