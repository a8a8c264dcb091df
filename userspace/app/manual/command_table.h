// SPDX-License-Identifier: Apache-2.0
//
// The commands and their options as plain values, taken from the very table that parses the command
// line, so that man pages and shell completions cannot say anything else.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tcpwatch {

struct OptionRow {
  std::vector<std::string> names;  // "--pid", "-v"; none: a word without a name
  std::string type;                // "PID"; empty: a flag
  std::string initial;             // what it is if it is not given
  std::string help;
  std::vector<std::string> choices;  // all that may be given, if that is a list
  bool many = false;
};

struct CommandRow {
  std::string path;  // "capture verify"; empty: the program itself
  std::string help;
  std::string footer;
  std::vector<OptionRow> options;
  std::vector<std::string> children;  // the last word of each
  std::vector<std::string> children_help;
};

// The program first, then each command followed by its own. Hidden ones are left out.
std::vector<CommandRow> command_table(const CLI::App& cli);

}  // namespace tcpwatch
