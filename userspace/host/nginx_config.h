// SPDX-License-Identifier: Apache-2.0
//
// The few directives of nginx's main configuration file that limit connections. Files that it
// includes are not read. Pure, over hostile text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcpwatch {

// The value of the first `name N;` outside of comments.
std::optional<std::uint32_t> nginx_number(std::string_view config, std::string_view name);

// From the command line of its master ("nginx: master process nginx -c /x -p /y"): the file.
std::string nginx_config_path(std::string_view cmdline);

}  // namespace tcpwatch
