// SPDX-License-Identifier: Apache-2.0
#include "app/manual/man_page.h"

#include <algorithm>
#include <cctype>

namespace tcpwatch {
namespace {

// As it is, whatever roff would make of it.
std::string plain(std::string_view text) {
  std::string out;
  bool begins = true;
  for (const char letter : text) {
    if (begins && (letter == '.' || letter == '\'')) out += "\\&";
    if (letter == '\\')
      out += "\\e";
    else if (letter == '-')
      out += "\\-";
    else
      out += letter;
    begins = letter == '\n';
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string title(const OptionRow& option) {
  std::string out;
  for (const std::string& name : option.names) out += (out.empty() ? "" : ", ") + bold(name);
  if (!option.type.empty()) out += (out.empty() ? "" : " ") + italic(option.type);
  return option.many ? out + " ..." : out;
}

void write_options(std::string& out, const CommandRow& command) {
  out += ".SH OPTIONS\n";
  for (const OptionRow& option : command.options) {
    out += ".TP\n" + title(option) + "\n" + plain(one_line(option.help));
    if (!option.initial.empty()) out += "; default: " + plain(option.initial);
    out += '\n';
    if (option.choices.empty()) continue;
    std::string list;
    for (const std::string& choice : option.choices)
      list += (list.empty() ? "" : ", ") + plain(choice);
    out += ".br\nOne of: " + list + "\n";
  }
}

void write_synopsis(std::string& out, const CommandRow& command) {
  out += ".SH SYNOPSIS\n.B tcpwatch";
  if (!command.path.empty()) out += ' ' + plain(command.path);
  out += "\n[\\fIOPTION\\fR]...";
  for (const OptionRow& option : command.options)
    if (option.names.empty()) out += " [" + italic(option.type) + (option.many ? "]..." : "]");
  if (!command.children.empty()) out += " \\fICOMMAND\\fR ...";
  out += '\n';
}

void write_commands(std::string& out, const CommandRow& command) {
  if (command.children.empty()) return;
  out += ".SH COMMANDS\n";
  for (std::size_t i = 0; i < command.children.size(); ++i)
    out += ".TP\n" + bold(command.children[i]) + "\n" + plain(one_line(command.children_help[i])) +
           "\n";
}

}  // namespace

std::string page_name(const CommandRow& command) {
  std::string name = command.path.empty() ? "tcpwatch" : "tcpwatch-" + command.path;
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string man_page(const std::vector<CommandRow>& table, const CommandRow& command,
                     std::string_view version) {
  const std::string name = page_name(command);
  std::string upper = name;
  for (char& letter : upper)
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  std::string out = ".TH \"" + plain(upper) + "\" 1 \"\" \"tcpwatch " + plain(version) +
                    "\" \"User Commands\"\n.SH NAME\n" + plain(name) + " \\- " +
                    plain(one_line(command.help)) + "\n";
  write_synopsis(out, command);
  write_commands(out, command);
  write_options(out, command);
  // The program's footer is that of a command which has none of its own.
  const std::string& footer = command.footer.empty() ? table.front().footer : command.footer;
  if (!footer.empty()) out += ".SH NOTES\n" + plain(footer) + "\n";
  if (command.path == "agent")
    out +=
        ".SH FILES\n.TP\n.I /etc/tcpwatch/tcpwatch.toml\nSettings.\n.TP\n.I /var/lib/tcpwatch/\n"
        "Captures of incidents.\n";
  out += ".SH SEE ALSO\n";
  std::string also;
  for (const CommandRow& other : table) {
    const bool near = command.path.empty()
                          ? other.path.find(' ') == std::string::npos
                          : other.path.empty() || other.path.starts_with(command.path + " ");
    if (&other == &command || !near) continue;
    also += (also.empty() ? "" : ",\n") + (".BR " + plain(page_name(other)) + " (1)");
  }
  return out + also + "\n";
}

}  // namespace tcpwatch
