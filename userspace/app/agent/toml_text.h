// SPDX-License-Identifier: Apache-2.0
//
// toml++ for text that anybody may have written. Version 3.3 has assertions that a mere mistake in
// the text can reach ("[[["), which is the end of the program, or undefined with NDEBUG: here they
// throw, and are told as what they are. Include this instead of toml++, in .cpp files only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tcpwatch {
[[noreturn]] void toml_tripped();
}

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? static_cast<void>(0) : ::tcpwatch::toml_tripped())
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 16
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")

namespace tcpwatch {

struct TomlText {
  toml::table table;
  struct Wrong {
    unsigned line = 0;
    std::string what;
  };
  std::optional<Wrong> wrong;
};

TomlText parse_toml(std::string_view text);

}  // namespace tcpwatch
