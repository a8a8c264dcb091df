// SPDX-License-Identifier: Apache-2.0
//
// Scripts that complete the command line in a shell.
#pragma once

#include <string>
#include <vector>

#include "app/manual/command_table.h"

namespace tcpwatch {

std::string bash_completion(const std::vector<CommandRow>& table);
std::string zsh_completion(const std::vector<CommandRow>& table);
std::string fish_completion(const std::vector<CommandRow>& table);

}  // namespace tcpwatch
