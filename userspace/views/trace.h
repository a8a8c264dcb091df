// SPDX-License-Identifier: Apache-2.0
//
// `trace`: one line for each story: the outcome of a connect(), the end of a connection, drops of a
// listener. Pure functions of one record; others (ticks, counters) give nothing.
//
// JSON lines have the schema tcpwatch.trace/1. All have: schema, time, event, pid (null: nobody),
// comm, netns. Durations are seconds, what is not known is null.
//   connect: local, remote, outcome (ESTABLISHED or the reason of the failure), error (the errno's
//            name), seconds (from connect() to the outcome), kernel_seconds (of them, the port
//            search)
//   closed:  role (out, in, queue), local, remote, lifetime_seconds (null: older than tcpwatch),
//            bytes_in, bytes_out, srtt_seconds, retransmits, last_state, error
//   drops:   listener, overflows {syn, ack} (in total since tcpwatch sees it), queue {now, limit},
//            polled (null: a hook saw them; else no hook sees refused SYNs, and this is what the
//            listener refused in an interval: {syn, seconds, exact})
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "events/record.h"
#include "model/snapshot.h"
#include "views/palette.h"
#include "views/wall_clock.h"

namespace tcpwatch {

// Which stories are told. An empty set, or nothing, lets all pass.
struct TraceFilter {
  std::set<std::uint32_t> pids;
  std::optional<std::string> comm;
  std::optional<std::uint16_t> port;      // local or remote
  std::optional<std::uint32_t> netns;     // inode number
  std::function<bool(tw_worker)> worker;  // asked last, of what all else lets pass
  bool failures_only = false;  // failed connects, drops, connections that ended in an error

  // False for records that are no stories.
  bool matches(const Record& record) const;
  // The drops of a listener in the snapshot's interval.
  bool matches(const Listener& listener, const Snapshot& snapshot) const;
};

struct TraceStyle {
  std::size_t width = 80;  // from 120 on there are local addresses and details; long lines wrap
  Palette palette = Palette::kPlain;
};

// "ESTABLISHED", or why not: the errno's own name, also of those that are not counted apart.
std::string trace_outcome(const tw_connect& story);

// The headings. All lines are without a newline.
std::string trace_heading(const TraceStyle& style);
std::optional<std::string> trace_text(const Record& record, const WallClock& clock,
                                      const TraceStyle& style);
std::optional<std::string> trace_json(const Record& record, const WallClock& clock);

// The listeners that refused SYNs in the interval, where no hook tells of it when it happens.
std::vector<const Listener*> polled_drops(const Snapshot& snapshot);
std::string trace_text(const Listener& dropping, const Snapshot& snapshot, const TraceStyle& style);
std::string trace_json(const Listener& dropping, const Snapshot& snapshot);

}  // namespace tcpwatch
