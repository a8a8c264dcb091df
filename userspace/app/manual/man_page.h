// SPDX-License-Identifier: Apache-2.0
//
// A man page (roff, man macros) of one command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/manual/command_table.h"

namespace tcpwatch {

// "tcpwatch-capture-verify"; the program: "tcpwatch".
std::string page_name(const CommandRow& command);

std::string man_page(const std::vector<CommandRow>& table, const CommandRow& command,
                     std::string_view version);

}  // namespace tcpwatch
