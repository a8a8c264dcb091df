// SPDX-License-Identifier: Apache-2.0
#include "views/screen/terminal_keys.h"

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS 1
#include <curses.h>

namespace tcpwatch {
namespace {

Key::Kind kind_of(wint_t code) {
  switch (code) {
    case KEY_UP:
      return Key::Kind::kUp;
    case KEY_DOWN:
      return Key::Kind::kDown;
    case KEY_LEFT:
      return Key::Kind::kLeft;
    case KEY_RIGHT:
      return Key::Kind::kRight;
    case KEY_PPAGE:
      return Key::Kind::kPageUp;
    case KEY_NPAGE:
      return Key::Kind::kPageDown;
    case KEY_HOME:
      return Key::Kind::kHome;
    case KEY_END:
      return Key::Kind::kEnd;
    case KEY_ENTER:
      return Key::Kind::kEnter;
    case KEY_BTAB:
      return Key::Kind::kBackTab;
    case KEY_BACKSPACE:
    case KEY_DC:
      return Key::Kind::kBackspace;
    default:
      return Key::Kind::kNone;
  }
}

Key mouse_key() {
  MEVENT event;
  if (::getmouse(&event) != OK || event.x < 0 || event.y < 0) return {};
  Key key{.x = static_cast<std::size_t>(event.x), .y = static_cast<std::size_t>(event.y)};
  if (event.bstate & BUTTON1_PRESSED) key.kind = Key::Kind::kClick;
  if (event.bstate & BUTTON4_PRESSED) key.kind = Key::Kind::kWheelUp;
  if (event.bstate & BUTTON5_PRESSED) key.kind = Key::Kind::kWheelDown;
  return key;
}

Key special_key(wint_t code) {
  if (code == KEY_MOUSE) return mouse_key();
  if (code > KEY_F0 && code <= KEY_F(12))
    return {.kind = Key::Kind::kFunction, .function = static_cast<unsigned>(code - KEY_F0)};
  return {.kind = kind_of(code)};
}

Key plain_key(wint_t code) {
  switch (code) {
    case '\r':
    case '\n':
      return {.kind = Key::Kind::kEnter};
    case 0x1b:
      return {.kind = Key::Kind::kEscape};
    case '\t':
      return {.kind = Key::Kind::kTab};
    case 0x08:
    case 0x7f:
      return {.kind = Key::Kind::kBackspace};
    default:
      return character_key(static_cast<char32_t>(code));
  }
}

}  // namespace

Key key_of_curses(std::wint_t code, bool special) {
  return special ? special_key(code) : plain_key(code);
}

}  // namespace tcpwatch
