// SPDX-License-Identifier: Apache-2.0
//
// The char arrays of ABI records: filled with a cut that leaves a NUL and never splits a UTF-8
// character, and read without trusting that NUL. The rest of a filled array is zero (captures
// compress it, and no old bytes leak).
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace tcpwatch {

// The longest prefix of `text` in at most `bytes` bytes that does not end inside a character.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes);

template <std::size_t N>
void set_text(char (&field)[N], std::string_view text) {
  const std::string_view kept = utf8_prefix(text, N - 1);
  std::memset(field, 0, N);
  kept.copy(field, kept.size());
}

template <std::size_t N>
std::string_view text_of(const char (&field)[N]) {
  return {field, ::strnlen(field, N)};
}

}  // namespace tcpwatch
