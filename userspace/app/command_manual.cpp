// SPDX-License-Identifier: Apache-2.0
//
// For packagers: man pages and shell completions, from the table of options; and the page of
// columns, from the tables of fields. Hidden from help.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "app/cli.h"
#include "app/commands.h"
#include "app/manual/completions.h"
#include "app/manual/man_page.h"
#include "app/output.h"
#include "app/version.h"
#include "views/field_page.h"

namespace tcpwatch {
namespace {

int print(std::string_view text) {
  Output output;
  output.write(text);
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

int print_page(const std::vector<CommandRow>& table, const std::string& name) {
  const auto found = std::ranges::find(table, name, &CommandRow::path);
  if (found == table.end())
    return fail({ErrorKind::kUsage, "there is no command " + name, "`tcpwatch man --list`"});
  return print(man_page(table, *found, kVersion));
}

int print_pages(const std::vector<CommandRow>& table) {
  std::string list;
  for (const CommandRow& command : table) list += page_name(command) + "\t" + command.path + "\n";
  return print(list);
}

}  // namespace

void declare_manual(CLI::App& cli, Action& chosen) {
  auto* man = cli.add_subcommand("man", "a man page")->group("");
  const auto path = std::make_shared<std::vector<std::string>>();
  const auto list = std::make_shared<bool>(false);
  man->add_option("command", *path, "of which command; none: the program");
  const auto fields = std::make_shared<bool>(false);
  man->add_flag("--list", *list, "which pages there are");
  man->add_flag("--fields", *fields, "all columns, as Markdown: docs/fields.md");
  man->callback([&cli, &chosen, path, list, fields] {
    chosen = [&cli, path, list, fields] {
      if (*fields) return print(field_page());
      const auto table = command_table(cli);
      return *list ? print_pages(table)
                   : print_page(table, fmt::format("{}", fmt::join(*path, " ")));
    };
  });

  auto* completion = cli.add_subcommand("completion", "a shell's completion script")->group("");
  const auto shell = std::make_shared<std::string>();
  completion->add_option("shell", *shell, "which")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&cli, &chosen, shell] {
    chosen = [&cli, shell] {
      const auto table = command_table(cli);
      return print(*shell == "bash"  ? bash_completion(table)
                   : *shell == "zsh" ? zsh_completion(table)
                                     : fish_completion(table));
    };
  });
}

}  // namespace tcpwatch
