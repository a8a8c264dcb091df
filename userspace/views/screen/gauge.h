// SPDX-License-Identifier: Apache-2.0
//
// Small drawings in one line of text: sparklines, meters. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch {

// One block per value, as high as its share of the greatest; a space where there is none.
std::string sparkline(const std::vector<std::optional<double>>& values);

// "[|||||     38%]", `width` columns wide: `share` (0..1) in bars, `label` at its right end.
std::string meter(double share, std::string_view label, std::size_t width);

}  // namespace tcpwatch
