// SPDX-License-Identifier: Apache-2.0
#include "app/socket_replay.h"

#include "app/cli.h"
#include "app/output.h"
#include "model/filter.h"
#include "model/model.h"

namespace tcpwatch {
namespace {

// What is asked of a capture, and it cannot tell.
Result<> tellable(const Options& options, tw_table_by by) {
  if (by == TW_BY_SOCKET)
    return Error{ErrorKind::kUsage, "--list: a capture holds no single sockets",
                 "`tcpwatch trace --replay` tells the connections that ended"};
  if (options.port && (by == TW_BY_STATE || by == TW_BY_PROCESS))
    return Error{ErrorKind::kUsage, "--port: a capture keeps no states by port",
                 "with --by listener and --by destination it can be told"};
  return Ok{};
}

}  // namespace

int replay_sockets(const Options& options, const SocketReplay& wanted) {
  if (const auto told = tellable(options, wanted.by); !told) return fail(told.error());
  const auto filter = filter_of(options, false);
  if (!filter) return fail(filter.error());
  const RecordedSockets rows{wanted.by, wanted.states, !filter->everything()};
  Output output;
  Model model;
  std::uint64_t told = 0;  // wall clock of the last picture
  const auto tell = [&] {
    const bool gap = told != 0 && !options.json;
    told = model.snapshot()->realtime_ns;
    const SocketsView view = recorded_sockets(filtered(*model.snapshot(), *filter), rows);
    return output.write((gap ? "\n" : "") + wanted.picture(view));
  };
  const auto on_tick = [&] {
    if (!wanted.watch) return true;
    const auto pause = static_cast<std::uint64_t>(wanted.watch->count());
    return (told != 0 && model.snapshot()->realtime_ns < told + pause) || tell();
  };
  if (const int code = play(wanted.replay, model, on_tick, Kinds::counters()); code != 0)
    return code;
  if (!wanted.watch) tell();
  const auto written = output.result();
  return written ? 0 : fail(written.error());
}

}  // namespace tcpwatch
