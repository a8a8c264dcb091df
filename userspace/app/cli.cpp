// SPDX-License-Identifier: Apache-2.0
#include "app/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>

#include "app/commands.h"
#include "app/options.h"
#include "app/output.h"
#include "app/version.h"
#include "base/text.h"

namespace tcpwatch {
namespace {

constexpr int kSuccess = 0;

constexpr const char* kFooter =
    "Exit codes: 0 success; 3 could not tell (no permission, kernel too old); 64 bad usage;\n"
    "65 bad input file; 74 input/output error. Ctrl-C prints what was seen and exits 0.";

int tell_help(const CLI::App& cli, const CLI::ParseError& help) {
  std::ostringstream text;
  cli.exit(help, text, text);
  Output output;
  output.write(text.str());
  const auto written = output.result();
  return written ? kSuccess : fail(written.error());
}

int usage_error(const CLI::App& cli, const CLI::ParseError& error, const std::string& what) {
  // Help and version come the same way as errors.
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success))
    return tell_help(cli, error);
  return fail({ErrorKind::kUsage, what, "`tcpwatch --help`, `tcpwatch COMMAND --help`"});
}

// CLI11 says only that a command is missing; the first word that is none was meant as one.
std::string what_is_wrong(const CLI::App& cli, const CLI::ParseError& error, int argc,
                          char** argv) {
  if (error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError)) return error.what();
  const auto any = [](const CLI::App*) { return true; };
  const CLI::App* command = &cli;
  for (int i = 1; i < argc && !command->get_subcommands(any).empty(); ++i) {
    if (argv[i][0] == '-') continue;
    const auto known =
        command->get_subcommands([&](const CLI::App* one) { return one->check_name(argv[i]); });
    if (known.empty()) return fmt::format("there is no command {}", argv[i]);
    command = known.front();
  }
  return error.what();
}

int parse_and_run(int argc, char** argv) {
  CLI::App cli(
      "TCP connection health, from the kernel: which worker, which listener, which\n"
      "destination, which errno.",
      "tcpwatch");
  Options options;
  Action chosen;
  cli.set_version_flag("--version", std::string(kVersion));
  cli.add_flag("-v,--verbose", options.verbose, "say more about what is going on");
  cli.footer(kFooter);
  cli.require_subcommand(1);
  cli.fallthrough();
  declare_top(cli, options, chosen);
  declare_doctor(cli, options, chosen);
  declare_agent(cli, options, chosen);
  declare_drill(cli, options, chosen);
  declare_sockets(cli, options, chosen);
  declare_trace(cli, options, chosen);
  declare_record(cli, options, chosen);
  declare_report(cli, options, chosen);
  declare_export(cli, chosen);
  declare_capture(cli, chosen);
  declare_probe(cli, options, chosen);
  declare_manual(cli, chosen);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(cli, error, what_is_wrong(cli, error, argc, argv));
  }
  return chosen();
}

}  // namespace

int fail(const Error& error) {
  std::string text = fmt::format("tcpwatch: {}\n", sanitize(error.message));
  if (!error.hint.empty()) text += fmt::format("hint: {}\n", sanitize(error.hint));
  std::fputs(text.c_str(), stderr);
  return static_cast<int>(error.kind);
}

int run(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    return fail({ErrorKind::kInputOutput, error.what(), "please report this: it is a bug"});
  }
}

}  // namespace tcpwatch
