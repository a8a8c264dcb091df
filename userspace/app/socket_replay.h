// SPDX-License-Identifier: Apache-2.0
//
// `sockets --replay`: the tables of sockets as a capture tells them, at the end of the window or,
// with --watch, again and again along it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "app/options.h"
#include "app/replay_options.h"
#include "views/sockets_recorded.h"

namespace tcpwatch {

struct SocketReplay {
  ReplayOptions replay;
  tw_table_by by = TW_BY_STATE;
  std::uint32_t states = ~0U;
  std::optional<std::chrono::nanoseconds> watch;  // of the capture's time
  std::function<std::string(const SocketsView&)> picture;
};

// The exit code.
int replay_sockets(const Options& options, const SocketReplay& wanted);

}  // namespace tcpwatch
