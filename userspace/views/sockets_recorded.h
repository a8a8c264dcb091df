// SPDX-License-Identifier: Apache-2.0
//
// `sockets` of a capture: the tables that a look through the socket table would have given, from
// what the model knows at one tick. What a capture does not tell is missing, and a note says so.
// Pure.
#pragma once

#include "model/snapshot.h"
#include "views/sockets.h"

namespace tcpwatch {

struct RecordedSockets {
  tw_table_by by = TW_BY_STATE;
  std::uint32_t states = ~0U;  // bits by enum tw_state: only these
  bool part = false;           // the snapshot was filtered: its totals are not what was asked for
};

// All but TW_BY_SOCKET: a capture holds no single sockets.
SocketsView recorded_sockets(const Snapshot& snapshot, const RecordedSockets& wanted);

}  // namespace tcpwatch
