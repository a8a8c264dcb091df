// SPDX-License-Identifier: Apache-2.0
#include "views/palette.h"

#include <fmt/format.h>

namespace tcpwatch {
namespace {

constexpr int kRed = 1;
constexpr int kGreen = 2;
constexpr int kYellow = 3;
constexpr int kCyan = 6;

std::string ansi_code(const Paint& look) {
  std::string code;
  const auto add = [&](std::string_view more) {
    if (!code.empty()) code += ';';
    code += more;
  };
  if (look.bold) add("1");
  if (look.dim) add("2");
  if (look.underline) add("4");
  if (look.colour >= 0) add(fmt::format("3{}", look.colour));
  return code;
}

}  // namespace

Paint paint_of(Tone tone, bool colours) {
  switch (tone) {
    case Tone::kTitle:
      return {.bold = true};
    case Tone::kDim:
      return {.dim = true};
    case Tone::kGood:
      return {.colour = colours ? kGreen : -1};
    case Tone::kWarning:
      return {.colour = colours ? kYellow : -1, .underline = !colours};
    case Tone::kBad:
      return {.colour = colours ? kRed : -1, .bold = true};
    case Tone::kBar:  // of a screen: titles, headings, keys, in reverse
      return {.colour = colours ? kCyan : -1, .bold = !colours};
    case Tone::kNormal:
      break;
  }
  return {};
}

std::string paint(std::string_view text, Tone tone, Palette palette) {
  if (palette == Palette::kPlain || text.empty()) return std::string(text);
  const std::string code = ansi_code(paint_of(tone, true));
  if (code.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace tcpwatch
