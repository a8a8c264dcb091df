// SPDX-License-Identifier: Apache-2.0
//
// Where the agent's file of settings is, and what the commands that judge take from it: the same
// thresholds, so that nobody is told two verdicts on one host.
#pragma once

#include <string>

#include "app/agent/settings.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace tcpwatch {

inline constexpr const char* kSettingsFile = "/etc/tcpwatch/tcpwatch.toml";

// The one that was named, which must be there; else the usual one if it is; else empty.
std::string settings_file(const std::string& named);

// A mistake is an error. Of several the first is it; the others are told before, but when it is
// read again, and standard error is a log of another form, only counted.
Result<> read_settings(Settings& settings, const std::string& path,
                       Reading reading = Reading::kFirst);

void add_config_option(CLI::App& command, std::string& file);

// Of the usual file what is right is taken, and mistakes are told as warnings: in an incident a
// doctor is wanted, and not a lesson. Of a file that was named they are errors.
Result<Settings> settings_to_judge_by(const std::string& named);

}  // namespace tcpwatch
