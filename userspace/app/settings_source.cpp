// SPDX-License-Identifier: Apache-2.0
#include "app/settings_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

namespace tcpwatch {

std::string settings_file(const std::string& named) {
  if (!named.empty()) return named;
  return ::access(kSettingsFile, F_OK) == 0 ? kSettingsFile : "";
}

Result<> read_settings(Settings& settings, const std::string& path, Reading reading) {
  const auto mistakes = apply_file(settings, path, reading);
  if (mistakes.empty()) return Ok{};
  const std::string first = mistake_text(path, mistakes.front());
  if (reading == Reading::kAgain && mistakes.size() > 1)
    return Error{ErrorKind::kBadInput,
                 fmt::format("{}; and {} more, which `tcpwatch agent --check-config` tells", first,
                             mistakes.size() - 1),
                 ""};
  for (std::size_t i = 1; i < mistakes.size(); ++i)
    fmt::print(stderr, "{}\n", mistake_text(path, mistakes[i]));
  return Error{ErrorKind::kBadInput, first, ""};
}

void add_config_option(CLI::App& command, std::string& file) {
  command
      .add_option("--config", file,
                  "judge by the thresholds of this file of the agent (" +
                      std::string(kSettingsFile) + ", if it is there)")
      ->type_name("FILE")
      ->envname("TCPWATCH_CONFIG");
}

Result<Settings> settings_to_judge_by(const std::string& named) {
  Settings settings;
  const std::string path = settings_file(named);
  if (path.empty()) return settings;
  if (!named.empty()) {
    if (const auto done = read_settings(settings, path); !done) return done.error();
    return settings;
  }
  for (const FileMistake& mistake : apply_file(settings, path))
    fmt::print(stderr, "warning: {}\n", mistake_text(path, mistake));
  return settings;
}

}  // namespace tcpwatch
