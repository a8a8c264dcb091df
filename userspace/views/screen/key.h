// SPDX-License-Identifier: Apache-2.0
//
// What a user does, free of any terminal's encoding of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcpwatch {

struct Key {
  enum class Kind : std::uint8_t {
    kNone,
    kCharacter,
    kEnter,
    kEscape,
    kTab,
    kBackTab,
    kBackspace,
    kUp,
    kDown,
    kLeft,
    kRight,
    kPageUp,
    kPageDown,
    kHome,
    kEnd,
    kFunction,
    kClick,
    kWheelUp,
    kWheelDown,
    kResize,
  };
  Kind kind = Kind::kNone;
  char32_t character = 0;    // kCharacter
  unsigned function = 0;     // kFunction: 1 is F1
  std::size_t x = 0, y = 0;  // kClick, kWheel…: a cell; kResize: width and height
};

inline Key character_key(char32_t character) {
  return {.kind = Key::Kind::kCharacter, .character = character};
}

}  // namespace tcpwatch
