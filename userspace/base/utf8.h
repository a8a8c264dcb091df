// SPDX-License-Identifier: Apache-2.0
//
// UTF-8, one character at a time, strict: no overlong forms, no surrogates, nothing above U+10FFFF.
// Pure functions.
#pragma once

#include <cstddef>
#include <string_view>

namespace tcpwatch {

struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;  // bytes; an invalid one is a single byte
  bool valid = false;
};

// The first character of `text`, which must not be empty.
CodePoint first_code_point(std::string_view text);

// Terminal columns of a character: 0 (combining), 1 or 2 (East Asian wide, emoji).
int columns_of(char32_t character);

// Control, bidirectional or invisible: to be shown as an escape.
bool is_treacherous(char32_t character);

}  // namespace tcpwatch
