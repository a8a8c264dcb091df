// SPDX-License-Identifier: Apache-2.0
//
// Writes one JSON object on one line, in the order of the calls. No document is built, since one
// line per interval may hold thousands of rows. Strings come out as valid UTF-8 without control
// characters, whatever they were; numbers that JSON does not know are null.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace tcpwatch {

class JsonWriter {
 public:
  // Inside an object each value or container is preceded by its key().
  JsonWriter& key(std::string_view name);
  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  void null();
  void boolean(bool value);
  void number(std::uint64_t value);
  void number(std::int64_t value);
  void number(double value);  // always with a point or an exponent: its column has one type
  void string(std::string_view value);

  std::string take() { return std::move(out_); }

 private:
  void separate();
  void open(char bracket);
  void close(char bracket);
  void quote(std::string_view text);

  std::string out_;
  bool first_ = true;  // nothing precedes in this container
};

}  // namespace tcpwatch
