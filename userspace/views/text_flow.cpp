// SPDX-License-Identifier: Apache-2.0
#include "views/text_flow.h"

#include "base/text.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kBetween = "   ";

}  // namespace

std::string flow_text(std::string_view label, const std::vector<FlowItem>& items, std::size_t width,
                      Palette palette) {
  if (items.empty()) return "";
  const std::size_t room = width > kLabelWidth ? width - kLabelWidth : 1;
  std::string out = paint(align_left(label, kLabelWidth), Tone::kTitle, palette);
  std::size_t used = 0;
  for (const FlowItem& item : items) {
    const std::string text = cut(item.text, room);
    const std::size_t needed = display_width(text);
    if (used != 0 && used + kBetween.size() + needed > room) {
      out += "\n" + std::string(kLabelWidth, ' ');
      used = 0;
    }
    if (used != 0) {
      out += kBetween;
      used += kBetween.size();
    }
    out += paint(text, item.tone, palette);
    used += needed;
  }
  return out + "\n";
}

std::string wrapped_text(std::string_view first, std::string_view text, std::size_t indent,
                         std::size_t width, Tone tone, Palette palette) {
  std::string out;
  std::string line(first);
  bool fresh = true;  // nothing of `text` on this line yet
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    if (!fresh && display_width(line) + 1 + display_width(word) > width) {
      out += paint(line, tone, palette) + "\n";
      line.assign(indent, ' ');
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
  }
  return out + paint(line, tone, palette) + "\n";
}

std::vector<std::string> wrapped_lines(std::string_view text, std::size_t width, std::size_t most) {
  std::vector<std::string> lines;
  const std::string whole = wrapped_text("", text, 0, width, Tone::kNormal, Palette::kPlain);
  for (std::size_t at = 0; at < whole.size() && lines.size() < most;) {
    std::size_t end = whole.find('\n', at);
    std::string line = whole.substr(at, end - at);
    at = end + 1;
    // There is more, and no line for it: as much of it as there is room for.
    if (lines.size() + 1 == most && at < whole.size()) {
      end = whole.find('\n', at);
      line += ' ' + whole.substr(at, end - at) + (end + 1 < whole.size() ? " …" : "");
    }
    lines.push_back(cut(line, width));
  }
  return lines;
}

}  // namespace tcpwatch
