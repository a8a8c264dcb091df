// SPDX-License-Identifier: Apache-2.0
//
// What a piece of text means, and how a palette paints it. Meaning is never in the colour alone:
// trouble is marked by a character as well. Widths are computed before painting.
#pragma once

#include <string>
#include <string_view>

namespace tcpwatch {

enum class Tone { kNormal, kTitle, kDim, kGood, kWarning, kBad, kBar };

enum class Palette {
  kPlain,  // no escape sequence at all
  kAnsi,   // the 16 colours of every terminal, as its user has set them
};

// How a tone looks on a terminal; `colour` is one of the 8, -1 the terminal's own. Without colours
// (NO_COLOR, old terminals) trouble is bold and warnings are underlined.
struct Paint {
  int colour = -1;
  bool bold = false;
  bool dim = false;
  bool underline = false;
  bool operator==(const Paint&) const = default;
};
Paint paint_of(Tone tone, bool colours);

std::string paint(std::string_view text, Tone tone, Palette palette);

}  // namespace tcpwatch
