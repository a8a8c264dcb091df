// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "app/agent/agent.h"
#include "app/agent/settings.h"
#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "base/duration.h"
#include "base/text.h"

namespace tcpwatch {
namespace {

constexpr const char* kDefaultFile = "/etc/tcpwatch/tcpwatch.toml";

struct AgentOptions {
  std::string file;
  bool check = false;
  std::map<std::string_view, std::string> flags;  // by the setting's name; those that were given
};

// Where the file is: the one that was named must be there, the usual one need not.
std::string file_of(const AgentOptions& agent) {
  if (!agent.file.empty()) return agent.file;
  return ::access(kDefaultFile, F_OK) == 0 ? kDefaultFile : "";
}

Result<> check_triggers(const Settings& settings, const std::string& path) {
  for (const TriggerSettings& trigger : settings.triggers) {
    if (trigger.metric.empty()) continue;
    const auto known = trigger_metrics();
    if (std::ranges::find(known, trigger.metric) != known.end()) continue;
    return Error{ErrorKind::kBadInput,
                 fmt::format("{}: trigger.metric: no trigger knows {}", path, trigger.metric),
                 "did you mean " + nearest(trigger.metric, known) + "?"};
  }
  return Ok{};
}

// Defaults, then the file, the environment, the flags.
Result<Settings> load(const AgentOptions& agent) {
  Settings settings;
  const std::string path = file_of(agent);
  if (!path.empty()) {
    const auto mistakes = apply_file(settings, path);
    if (!mistakes.empty()) {
      // The first is the error, the others are told before it.
      for (std::size_t i = 1; i < mistakes.size(); ++i)
        fmt::print(stderr, "{}\n", mistake_text(path, mistakes[i]));
      return Error{ErrorKind::kBadInput, mistake_text(path, mistakes.front()), ""};
    }
    if (const auto known = check_triggers(settings, path); !known) return known.error();
  }
  if (const auto done = apply_environment(settings); !done) return done.error();
  for (const auto& [name, value] : agent.flags) {
    const auto done = find_setting(name)->set(settings, value);
    if (!done)
      return Error{ErrorKind::kUsage, fmt::format("--{}: {}", name, done.error().message),
                   done.error().hint};
  }
  if (settings.web_certificate.empty() != settings.web_key.empty())
    return Error{ErrorKind::kUsage, "web.tls-certificate and web.tls-key need each other", ""};
  return settings;
}

int run_agent(Options options, const AgentOptions& agent) {
  auto settings = load(agent);
  if (!settings) return fail(settings.error());
  if (agent.check) {
    const std::string path = file_of(agent);
    fmt::print("{}: ok\n", path.empty() ? "no configuration file, defaults" : sanitize(path));
    return 0;
  }
  options.interval = duration_text(settings->interval);
  options.deny = settings->deny;
  Agent service(std::move(*settings), [&agent] { return load(agent); });
  const auto result = service.run(options);
  return result ? 0 : fail(result.error());
}

}  // namespace

void declare_agent(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("agent", "the service: metrics, findings, captures");
  auto agent = std::make_shared<AgentOptions>();
  command->add_option("--config", agent->file, "TOML file (" + std::string(kDefaultFile) + ")")
      ->type_name("FILE")
      ->envname("TCPWATCH_CONFIG");
  command->add_flag("--check-config", agent->check, "say what is wrong with the settings, and end");
  const Settings defaults;
  for (const Setting& setting : setting_table()) {
    const std::string shown = setting.shown(defaults);
    std::string help(setting.help);
    if (!shown.empty()) help += " [" + shown + "]";
    command
        ->add_option_function<std::string>(
            "--" + std::string(setting.name),
            [agent, name = setting.name](const std::string& value) { agent->flags[name] = value; },
            help)
        ->type_name(std::string(setting.type));
  }
  command->footer(
      "Each setting is a flag, a variable (TCPWATCH_WEB_LISTEN_ADDRESS) and a key of the file\n"
      "([web] listen-address); flags win over variables, which win over the file.\n"
      "SIGHUP reads the file again, SIGUSR1 writes a capture of what came before.\n"
      "Exit codes: 0 stopped; 3 hooks refused; 64 bad usage; 65 bad configuration; 74 the address\n"
      "is in use.");
  command->callback([&options, &chosen, agent] {
    chosen = [&options, agent] { return run_agent(options, *agent); };
  });
}

}  // namespace tcpwatch
