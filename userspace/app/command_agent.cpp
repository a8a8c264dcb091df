// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>

#include "app/agent/agent.h"
#include "app/agent/settings.h"
#include "app/cli.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/settings_source.h"
#include "base/duration.h"
#include "base/text.h"

namespace tcpwatch {
namespace {

struct AgentOptions {
  std::string file;
  bool check = false;
  std::map<std::string_view, std::string> flags;  // by the setting's name; those that were given
};

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
Result<Settings> load(const AgentOptions& agent, Reading reading) {
  Settings settings;
  const std::string path = settings_file(agent.file);
  if (!path.empty()) {
    if (const auto read = read_settings(settings, path, reading); !read) return read.error();
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
  auto settings = load(agent, Reading::kFirst);
  if (!settings) return fail(settings.error());
  if (agent.check) {
    const std::string path = settings_file(agent.file);
    fmt::print("{}: ok\n", path.empty() ? "no configuration file, defaults" : sanitize(path));
    return 0;
  }
  options.interval = duration_text(settings->interval);
  options.deny = settings->deny;
  Agent service(std::move(*settings), [&agent] { return load(agent, Reading::kAgain); });
  const auto result = service.run(options);
  return result ? 0 : fail(result.error());
}

}  // namespace

void declare_agent(CLI::App& cli, Options& options, Action& chosen) {
  auto* command = cli.add_subcommand("agent", "the service: metrics, findings, captures");
  auto agent = std::make_shared<AgentOptions>();
  command->add_option("--config", agent->file, "TOML file (" + std::string(kSettingsFile) + ")")
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
