// SPDX-License-Identifier: Apache-2.0
//
// From what ncurses read to keys. Part of the terminal (terminal.h), which alone calls this.
#pragma once

#include <cwchar>

#include "views/screen/key.h"

namespace tcpwatch {

// `special`: a code of ncurses, no character. A mouse code takes its event from ncurses.
Key key_of_curses(std::wint_t code, bool special);

}  // namespace tcpwatch
