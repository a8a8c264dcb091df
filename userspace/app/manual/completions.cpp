// SPDX-License-Identifier: Apache-2.0
#include "app/manual/completions.h"

#include <algorithm>
#include <string_view>

namespace tcpwatch {
namespace {

constexpr std::string_view kLicence = "# SPDX-License-Identifier: Apache-2.0\n";

std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
  std::string out;
  for (const std::string& word : words) out.append(out.empty() ? "" : between).append(word);
  return out;
}

// In single quotes.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'')
      out += "'\\''";
    else
      out += letter == '\n' ? ' ' : letter;
  }
  return out + "'";
}

bool is_file(const OptionRow& option) {
  return option.type.find("FILE") != std::string::npos || option.type == "DIR" ||
         option.type == "PATH" || option.type == "file" || option.type == "files" ||
         option.type == "capture" || option.type == "captures";
}

// What bash offers for the value of an option.
std::string bash_values(const OptionRow& option) {
  if (!option.choices.empty())
    return "mapfile -t COMPREPLY < <(compgen -W " + shell_quoted(joined(option.choices)) +
           " -- \"$cur\")";
  return is_file(option) ? "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")" : "COMPREPLY=()";
}

std::string bash_words(const CommandRow& command, bool options) {
  std::vector<std::string> words = command.children;
  for (const OptionRow& option : command.options) {
    if (options) words.insert(words.end(), option.names.begin(), option.names.end());
    if (!options && option.names.empty())
      words.insert(words.end(), option.choices.begin(), option.choices.end());
  }
  return joined(words);
}

// zsh's own separators, within a word of _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
    out += letter == '\n' ? ' ' : letter;
  }
  return out;
}

std::string zsh_values(const OptionRow& option) {
  if (option.type.empty()) return "";
  std::string out = ":" + zsh_text(option.type) + ":";
  if (!option.choices.empty()) return out + "(" + joined(option.choices) + ")";
  return is_file(option) ? out + "_files" : out;
}

// The condition under which fish offers something of a command.
std::string fish_when(const CommandRow& command) {
  if (command.path.empty()) return "__fish_use_subcommand";
  std::string path = command.path;
  if (const auto space = path.find(' '); space != std::string::npos)
    return "__fish_seen_subcommand_from " + path.substr(0, space) +
           "; and __fish_seen_subcommand_from " + path.substr(space + 1);
  std::string when = "__fish_seen_subcommand_from " + path;
  if (!command.children.empty())
    when += "; and not __fish_seen_subcommand_from " + joined(command.children);
  return when;
}

}  // namespace

std::string bash_completion(const std::vector<CommandRow>& table) {
  std::string out(kLicence);
  out +=
      "# bash completion of tcpwatch, made by `tcpwatch completion bash`\n_tcpwatch() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} command='' word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$command $word\" in\n";
  for (const CommandRow& command : table) {
    if (command.path.empty()) continue;
    const bool inner = command.path.find(' ') != std::string::npos;
    out += "      " + shell_quoted((inner ? "" : " ") + command.path) +
           ") command=" + shell_quoted(command.path) + " ;;\n";
  }
  out += "    esac\n  done\n  case \"$command ${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  for (const CommandRow& command : table)
    for (const OptionRow& option : command.options) {
      if (option.names.empty() || option.type.empty()) continue;
      std::string pattern;
      for (const std::string& name : option.names)
        pattern += (pattern.empty() ? "" : " | ") + shell_quoted(command.path + " " + name);
      out += "    " + pattern + ") " + bash_values(option) + "; return ;;\n";
    }
  out += "  esac\n  case $command in\n";
  for (const CommandRow& command : table) {
    const bool files = std::ranges::any_of(command.options, [](const OptionRow& option) {
      return option.names.empty() && is_file(option);
    });
    out += "    " + shell_quoted(command.path) + ")\n      if [[ $cur == -* ]]; then\n" +
           "        mapfile -t COMPREPLY < <(compgen -W " +
           shell_quoted(bash_words(command, true)) +
           " -- \"$cur\")\n      else\n        mapfile -t COMPREPLY < <(compgen " +
           (files ? "-f " : "") + "-W " + shell_quoted(bash_words(command, false)) +
           " -- \"$cur\")\n      fi ;;\n";
  }
  return out + "  esac\n}\ncomplete -F _tcpwatch tcpwatch\n";
}

std::string zsh_completion(const std::vector<CommandRow>& table) {
  std::string out = "#compdef tcpwatch\n" + std::string(kLicence) +
                    "# zsh completion of tcpwatch, made by `tcpwatch completion zsh`\n"
                    "_tcpwatch() {\n  local command= word\n"
                    "  for word in \"${words[@]:1:$((CURRENT-2))}\"; do\n"
                    "    case \"$command $word\" in\n";
  for (const CommandRow& command : table) {
    if (command.path.empty()) continue;
    const bool inner = command.path.find(' ') != std::string::npos;
    out += "      " + shell_quoted((inner ? "" : " ") + command.path) +
           ") command=" + shell_quoted(command.path) + " ;;\n";
  }
  out += "    esac\n  done\n  case $command in\n";
  for (const CommandRow& command : table) {
    out += "    " + shell_quoted(command.path) + ") _arguments";
    for (const OptionRow& option : command.options)
      for (const std::string& name : option.names)
        out += " \\\n      " + shell_quoted((option.many ? "*" : "") + name + "[" +
                                            zsh_text(option.help) + "]" + zsh_values(option));
    for (const OptionRow& option : command.options)
      if (option.names.empty()) out += " \\\n      " + shell_quoted("*" + zsh_values(option));
    if (!command.children.empty()) {
      std::string list;
      for (std::size_t i = 0; i < command.children.size(); ++i)
        list += (i == 0 ? "" : " ") + command.children[i] + "\\:" + "\"" +
                zsh_text(command.children_help[i]) + "\"";
      out += " \\\n      " + shell_quoted("*:command:((" + list + "))");
    }
    out += " ;;\n";
  }
  return out + "  esac\n}\n_tcpwatch \"$@\"\n";
}

std::string fish_completion(const std::vector<CommandRow>& table) {
  std::string out(kLicence);
  out +=
      "# fish completion of tcpwatch, made by `tcpwatch completion fish`\ncomplete -c tcpwatch "
      "-f\n";
  for (const CommandRow& command : table) {
    const std::string head = "complete -c tcpwatch -n " + shell_quoted(fish_when(command));
    for (std::size_t i = 0; i < command.children.size(); ++i)
      out += head + " -a " + command.children[i] + " -d " + shell_quoted(command.children_help[i]) +
             "\n";
    for (const OptionRow& option : command.options) {
      std::string line = head;
      for (const std::string& name : option.names)
        line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (!option.type.empty() && !option.names.empty()) line += " -r";
      if (is_file(option)) line += " -F";
      if (!option.choices.empty()) line += " -a " + shell_quoted(joined(option.choices));
      out += line + " -d " + shell_quoted(option.help) + "\n";
    }
  }
  return out;
}

}  // namespace tcpwatch
