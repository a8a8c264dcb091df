// SPDX-License-Identifier: Apache-2.0
//
// Running text for people: labelled items that wrap between items, and sentences that wrap between
// words. No line is wider than asked as far as the items allow; widths are terminal columns. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "views/palette.h"

namespace tcpwatch {

struct FlowItem {
  std::string text;  // sanitized
  Tone tone = Tone::kNormal;
  bool alone = false;  // a sentence: the screen gives it a line of its own
};

inline constexpr std::size_t kLabelWidth = 12;

// "label       item   item   item\n", wrapped under the first item. Nothing if there are none.
std::string flow_text(std::string_view label, const std::vector<FlowItem>& items, std::size_t width,
                      Palette palette);

// Wraps `text` between words; every line but the first is indented. Ends in a newline.
std::string wrapped_text(std::string_view first, std::string_view text, std::size_t indent,
                         std::size_t width, Tone tone, Palette palette);

// The same without paint, in at most `most` lines, the last one cut.
std::vector<std::string> wrapped_lines(std::string_view text, std::size_t width, std::size_t most);

}  // namespace tcpwatch
