// SPDX-License-Identifier: Apache-2.0
#include "app/manual/command_table.h"

#include <CLI/CLI.hpp>
#include <map>
#include <string_view>

#include "base/names.h"
#include "drill/scenario.h"

namespace tcpwatch {
namespace {

std::vector<std::string> words(std::string_view text, char between) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(between), text.size());
    if (end != 0) found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return found;
}

// What only the command itself checks.
std::vector<std::string> choices_of(const std::string& path, const std::string& name) {
  static const std::map<std::string, std::string, std::less<>> kKnown{
      {"sockets --by", "state process listener destination"},
      {"agent --capture.on", "critical warning never"},
      {"agent --pid-label", "true false"},
  };
  if (const auto known = kKnown.find(path + " " + name); known != kKnown.end())
    return words(known->second, ' ');
  std::vector<std::string> names;
  if (name == "--deny") names = {"fentry", "kprobe", "tp_btf", "raw_tp", "syscall_tp", "iter"};
  if (name == "--state")
    for (std::uint32_t state = 1; state < TW_STATES; ++state) names.emplace_back(state_name(state));
  if (path == "drill" && name == "name") {
    names = {"list", "all"};
    for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  }
  return names;
}

OptionRow row_of(const std::string& path, const CLI::Option& option) {
  OptionRow row;
  for (const std::string& name : option.get_lnames()) row.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) row.names.push_back("-" + name);
  row.help = option.get_description();
  row.many = option.get_expected_max() > 1;
  row.initial = option.get_default_str();
  if (option.get_items_expected_max() == 0) return row;
  row.type = option.get_type_name();
  const std::string name = row.names.empty() ? option.get_name(true) : row.names.front();
  if (row.names.empty()) row.type = name;
  // A list that CLI11 checks is part of the type: "TEXT:{jsonl,csv}".
  if (const auto list = row.type.find(":{"); list != std::string::npos) {
    row.choices =
        words(std::string_view(row.type).substr(list + 2, row.type.size() - list - 3), ',');
    row.type.resize(list);
  } else {
    row.choices = choices_of(path, name);
  }
  return row;
}

void add(std::vector<CommandRow>& table, const CLI::App& app, const std::string& path) {
  CommandRow row{.path = path, .help = app.get_description(), .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) row.options.push_back(row_of(path, *option));
  std::vector<const CLI::App*> children;
  for (const CLI::App* child : app.get_subcommands(std::function<bool(const CLI::App*)>{})) {
    if (child->get_group().empty()) continue;
    children.push_back(child);
    row.children.push_back(child->get_name());
    row.children_help.push_back(child->get_description());
  }
  table.push_back(std::move(row));
  for (const CLI::App* child : children)
    add(table, *child, path.empty() ? child->get_name() : path + " " + child->get_name());
}

}  // namespace

std::vector<CommandRow> command_table(const CLI::App& cli) {
  std::vector<CommandRow> table;
  add(table, cli, "");
  return table;
}

}  // namespace tcpwatch
