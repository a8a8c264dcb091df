// SPDX-License-Identifier: Apache-2.0
//
// Every number that a rule compares with, in one place; docs/findings/ says why each is what it is.
// Seconds, shares in 0..1, counts.
#pragma once

#include <cstdint>

namespace tcpwatch {

struct Thresholds {
  // Time. A condition has to hold for `hold` (in sum, within `window`) before it is called one,
  // and is over when it was not seen for `stale`. One that comes again within `again` is the same.
  double window = 15;
  double hold = 3;
  double stale = 3;
  double again = 10;

  // Accept queues.
  double always_full = 0.5;  // share of looks at which it was full: the owner is slow
  double slow_accept = 0.1;  // median wait from which the owner is slow, whatever the queue
  double queue_near = 0.8;   // peak against full

  // connect().
  std::uint64_t fails = 5;       // fewer are noise
  double fail_rate = 0.5;        // per second
  double fail_share = 0.05;      // of the attempts
  double fail_critical = 0.5;    // of the attempts
  std::uint64_t unanswered = 3;  // handshakes under way all the time, and none ends well
  double syn_retry = 1;          // the first SYN is repeated after 1 s: who gave up later waited
  std::uint64_t no_port = 3;     // EADDRNOTAVAIL: warning; critical from no_port_critical on
  std::uint64_t no_port_critical = 10;
  std::uint64_t port_searches = 20;
  double port_search = 0.001;  // median of the port search: usually a few microseconds

  double ports_used = 0.5;  // share from which the time left is told
  double ports_last = 300;  // seconds left: warning

  // Upstreams and idle connections, by the socket table.
  std::uint64_t unanswered_replies = 5;  // connections that have sent and never received
  double reply_after = 2;                // the longest of them, seconds
  double unanswered_share = 0.5;         // of those established to that destination
  double idle_share = 0.8;               // of a worker's connections, idle for a minute
  double idle_used = 0.5;                // of its limit

  // Workers.
  double busy_connecting = 0.3;  // share of a worker's time
  double busy = 0.6;             // share of looks at which it was seen so
  double waits = 0.3;            // of the time, for a CPU
  double starved = 0.5;          // of the time that it wants a CPU, waited for one
  double throttled = 0.5;        // of the periods of a limit: the limit is why
  double rival = 0.3;            // of that CPU, used by one other: that one is why
  double group_share = 30;       // accepts per member of a group, before shares are compared
  double imbalance = 3;          // of its fair share

  // Levels.
  double fds_warning = 0.8;
  double fds_critical = 0.95;
  double watermark = 0.85;
  std::uint64_t budget = 0;    // established connections; 0: the descriptor limit
  double inflow_ratio = 1.2;   // opened against released
  double inflow_steady = 0.7;  // share of intervals that rose
  std::int64_t inflow_least = 50;
  double inflow_seconds = 6;  // watched at least
  double inflow_used = 0.2;   // of the limit, unless it is close
  double limit_near = 600;    // seconds until the limit: warning
  double limit_close = 120;   // critical

  // States.
  std::int64_t close_wait = 1000;
  std::int64_t close_wait_growing = 20;
  double leak_seconds = 6;  // a burst that is worked off begins to fall before that
  std::int64_t fin_wait2 = 500;
  std::uint64_t time_wait = 100'000;

  // Clients, and servers that have no room for them.
  std::uint64_t slow_clients = 20;  // of one worker
  double slow_share = 0.5;          // of its connections
  double slow_room = 0.25;          // of its room: a trouble by itself
  double storm = 500;               // connections opened per second, on one address
  double storm_life = 0.5;          // seconds that they live, on average
  std::uint64_t turned_away = 5;    // connections that a server had no room for
  std::int64_t ceiling = 8;         // connections that a worker holds meanwhile
  double ceiling_play = 0.1;        // of them, up and down

  // Packets.
  std::uint64_t arrivals = 20;  // connections from outside, before their CPUs are compared
  double one_cpu = 0.95;        // of them
  double one_member = 0.9;      // of a group's accepts
  double tracked_warning = 0.9;
  double tracked_critical = 0.98;

  // Half-open requests.
  std::uint64_t cookies = 50;      // sent in the window
  double cookies_answered = 0.5;   // below: the senders are not real
  std::uint64_t half_open = 1000;  // without cookies
};

}  // namespace tcpwatch
