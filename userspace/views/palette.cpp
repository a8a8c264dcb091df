// SPDX-License-Identifier: Apache-2.0
#include "views/palette.h"

#include <fmt/format.h>

namespace tcpwatch {
namespace {

std::string_view ansi_code(Tone tone) {
  switch (tone) {
    case Tone::kTitle:
      return "1";
    case Tone::kDim:
      return "2";
    case Tone::kGood:
      return "32";
    case Tone::kWarning:
      return "33";
    case Tone::kBad:
      return "1;31";
    case Tone::kNormal:
      break;
  }
  return "";
}

}  // namespace

std::string paint(std::string_view text, Tone tone, Palette palette) {
  const std::string_view code = ansi_code(tone);
  if (palette == Palette::kPlain || code.empty() || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace tcpwatch
