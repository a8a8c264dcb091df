// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/fixed_text.h"
#include "base/utf8.h"

namespace tcpwatch {
namespace {

constexpr std::string_view kEllipsis = "…";

bool is_plain(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

std::string escape(const CodePoint& point) {
  if (!point.valid || point.value < 0x100) {
    return fmt::format("\\x{:02x}", static_cast<unsigned>(point.value));
  }
  return fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
}

// A character with the combining marks that follow it.
struct Glyph {
  std::size_t begin;
  std::size_t size;
  std::size_t columns;
};

std::vector<Glyph> glyphs_of(std::string_view text) {
  std::vector<Glyph> glyphs;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = first_code_point(text.substr(at));
    const auto columns = static_cast<std::size_t>(point.valid ? columns_of(point.value) : 1);
    if (columns == 0 && !glyphs.empty()) {
      glyphs.back().size += point.length;
    } else {
      glyphs.push_back({at, point.length, columns});
    }
    at += point.length;
  }
  return glyphs;
}

}  // namespace

std::string_view utf8_prefix(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  // Only the last character can be split, and it has at most three bytes before the cut.
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, bytes); ++back) {
    const CodePoint point = first_code_point(text.substr(bytes - back));
    if (point.valid && point.length > back) return text.substr(0, bytes - back);
  }
  return text.substr(0, bytes);
}

std::string sanitize(std::string_view hostile) {
  if (is_plain(hostile)) return std::string(hostile);
  std::string clean;
  clean.reserve(hostile.size() + 16);
  while (!hostile.empty()) {
    const CodePoint point = first_code_point(hostile);
    if (point.valid && !is_treacherous(point.value)) {
      clean += hostile.substr(0, point.length);
    } else {
      clean += escape(point);
    }
    hostile.remove_prefix(point.length);
  }
  return clean;
}

std::size_t display_width(std::string_view text) {
  if (is_plain(text)) return text.size();
  std::size_t width = 0;
  for (const Glyph& glyph : glyphs_of(text)) width += glyph.columns;
  return width;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  std::size_t used = 1;  // the ellipsis
  std::size_t end = 0;
  for (const Glyph& glyph : glyphs_of(text)) {
    if (used + glyph.columns > columns) break;
    used += glyph.columns;
    end = glyph.begin + glyph.size;
  }
  return std::string(text.substr(0, end)) + std::string(kEllipsis);
}

std::string cut_left(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  const std::vector<Glyph> glyphs = glyphs_of(text);
  std::size_t used = 1;
  std::size_t begin = text.size();
  for (auto glyph = glyphs.rbegin(); glyph != glyphs.rend(); ++glyph) {
    if (used + glyph->columns > columns) break;
    used += glyph->columns;
    begin = glyph->begin;
  }
  return std::string(kEllipsis) + std::string(text.substr(begin));
}

std::string align_left(std::string_view text, std::size_t columns) {
  std::string aligned = cut(text, columns);
  return aligned + std::string(columns - display_width(aligned), ' ');
}

std::string align_right(std::string_view text, std::size_t columns) {
  const std::string aligned = cut(text, columns);
  return std::string(columns - display_width(aligned), ' ') + aligned;
}

}  // namespace tcpwatch
