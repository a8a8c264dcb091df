// SPDX-License-Identifier: Apache-2.0
//
// Text that comes from elsewhere (process names, command lines, cgroup paths) made safe to print,
// and measured in terminal columns. Whatever goes to a terminal, JSON or HTML passes sanitize()
// once. Pure functions, no locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/human.h"

namespace tcpwatch {

// Valid UTF-8 without anything that moves the cursor, hides or reorders text: control and invalid
// bytes become `\x1b`, bidirectional controls and invisible characters `\u202e`.
std::string sanitize(std::string_view hostile);

// Terminal columns of sanitized text: wide characters take 2, combining marks 0.
std::size_t display_width(std::string_view text);

// At most `columns` wide; never splits a character. A cut text ends in "…" (cut_left: begins).
std::string cut(std::string_view text, std::size_t columns);
std::string cut_left(std::string_view text, std::size_t columns);

// Exactly `columns` wide: cut, or filled with spaces.
std::string align_left(std::string_view text, std::size_t columns);
std::string align_right(std::string_view text, std::size_t columns);

}  // namespace tcpwatch
