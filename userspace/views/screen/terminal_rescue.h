// SPDX-License-Identifier: Apache-2.0
//
// Gives the terminal back when a signal is about to end the process: a crash, a hang-up. What has
// to be written is worked out beforehand, since a signal handler may do next to nothing. Part of
// the terminal (terminal.h), which alone calls this.
#pragma once

#include <termios.h>

namespace tcpwatch {

// After ncurses has taken the terminal; `before` are its settings as they were.
void arm_terminal_rescue(const termios& before);
void disarm_terminal_rescue();

}  // namespace tcpwatch
