// SPDX-License-Identifier: Apache-2.0
//
// The subcommands. Each adds its options to the command line and, when it is chosen, runs and
// returns an exit code; one file per command.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace tcpwatch {

struct Options;

// What a chosen command does; the exit code of the contract.
using Action = std::function<int()>;

// Each declares one subcommand; `chosen` is set when the user named it.
void declare_top(CLI::App& cli, Options& options, Action& chosen);
void declare_trace(CLI::App& cli, Options& options, Action& chosen);
void declare_probe(CLI::App& cli, Options& options, Action& chosen);
void declare_record(CLI::App& cli, Options& options, Action& chosen);
void declare_export(CLI::App& cli, Action& chosen);
void declare_report(CLI::App& cli, Options& options, Action& chosen);
void declare_capture(CLI::App& cli, Action& chosen);
void declare_sockets(CLI::App& cli, Options& options, Action& chosen);
void declare_agent(CLI::App& cli, Options& options, Action& chosen);
void declare_doctor(CLI::App& cli, Options& options, Action& chosen);
void declare_drill(CLI::App& cli, Options& options, Action& chosen);
void declare_manual(CLI::App& cli, Action& chosen);

// The live screen, for `drill --top`.
int show_top(const Options& options);

}  // namespace tcpwatch
