// SPDX-License-Identifier: Apache-2.0
#include "views/screen/gauge.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace tcpwatch {

std::string sparkline(const std::vector<std::optional<double>>& values) {
  constexpr std::array<std::string_view, 7> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇"};
  double most = 0;
  for (const auto& value : values) most = std::max(most, value.value_or(0));
  std::string line;
  for (const auto& value : values) {
    if (!value) {
      line += ' ';
      continue;
    }
    // Whatever is not 0 stands above the ground; the highest does not touch the line above.
    const double height = most > 0 ? std::ceil(std::max(0.0, *value) / most * 6) : 0;
    line += kBlocks[static_cast<std::size_t>(std::clamp(height, 0.0, 6.0))];
  }
  return line;
}

std::string meter(double share, std::string_view label, std::size_t width) {
  if (width < 3) return cut(label, width);
  const std::size_t inside = width - 2;
  const std::string text = cut(label, inside);
  const double filled = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
  auto bars = static_cast<std::size_t>(std::floor(filled * static_cast<double>(inside)));
  if (bars == 0 && filled > 0) bars = 1;
  const std::size_t room = inside - display_width(text);
  std::string drawn(std::min(bars, room), '|');
  drawn.resize(room, ' ');
  return "[" + drawn + text + "]";
}

}  // namespace tcpwatch
