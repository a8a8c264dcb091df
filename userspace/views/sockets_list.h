// SPDX-License-Identifier: Apache-2.0
//
// `sockets --list`: a row per socket, in the manner of `ss -antp`, as lines of text and as JSON.
// Columns have fixed least widths, so that a table of a million rows can be written as it is read.
// Pure.
#pragma once

#include <string>

#include "views/json_writer.h"
#include "views/sockets.h"

namespace tcpwatch {

std::string socket_heading(bool with_netns);
std::string socket_line(const OneSocket& row, const SocketsView& view, bool with_netns);
void write_socket(JsonWriter& json, const OneSocket& row, const SocketsView& view);

}  // namespace tcpwatch
