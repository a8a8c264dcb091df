// SPDX-License-Identifier: Apache-2.0
#include "views/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "base/text.h"

namespace tcpwatch {
namespace {

bool is_plain(char letter) {
  return letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
}

void JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
}

// Most strings are plain, and there are many. What sanitize() has left of the others are neither
// control characters nor bytes that are no UTF-8.
void JsonWriter::quote(std::string_view text) {
  out_ += '"';
  if (std::ranges::all_of(text, is_plain)) {
    out_ += text;
    out_ += '"';
    return;
  }
  for (const char letter : sanitize(text)) {
    if (letter == '"' || letter == '\\') out_ += '\\';
    out_ += letter;
  }
  out_ += '"';
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  quote(name);
  out_ += ':';
  first_ = true;
  return *this;
}

void JsonWriter::null() {
  separate();
  out_ += "null";
}

void JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonWriter::number(std::uint64_t value) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonWriter::number(std::int64_t value) {
  separate();
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  const std::string text = fmt::format("{}", value);
  out_ += text;
  if (text.find_first_of(".e") == std::string::npos) out_ += ".0";
}

void JsonWriter::string(std::string_view value) {
  separate();
  quote(value);
}

}  // namespace tcpwatch
