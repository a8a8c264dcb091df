// SPDX-License-Identifier: Apache-2.0
//
// Small files of procfs, read in one go and bounded, and the cutting of their text. That a file is
// missing is normal in procfs: the answer is false, without a reason.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcpwatch {

inline constexpr std::size_t kProcFileLimit = 65536;

// `directory` as in openat(2). `text` is replaced; at most `limit` bytes are read.
bool read_file_at(int directory, const char* path, std::string& text,
                  std::size_t limit = kProcFileLimit);
bool read_descriptor(int file, std::string& text, std::size_t limit = kProcFileLimit);
bool read_file(const std::string& path, std::string& text, std::size_t limit = kProcFileLimit);

// Cuts the text up to `separator` off the front of `rest`, which loses the separator as well.
std::string_view take_until(std::string_view& rest, char separator);
// Cuts the next word off `rest`; words are apart by any number of blanks and tabs.
std::string_view take_word(std::string_view& rest);

// The whole text as a number; nothing for anything else (signs, spaces, overflow).
template <typename T = std::uint64_t>
std::optional<T> to_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace tcpwatch
