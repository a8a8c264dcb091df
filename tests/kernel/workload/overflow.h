// SPDX-License-Identifier: Apache-2.0
//
// Scenarios in which accept queues and SYN queues overflow. Nobody accepts; the clients are closed
// before the scenario returns, so the drop counters stand still: compare with ListenOverflows,
// ListenDrops, TCPReqQFullDrop, SyncookiesSent/Recv/Failed of the delta.
// How many packets are dropped depends on retransmissions within `hold_ms` and on the kernel;
// facts "at_least_syn" and "at_least_ack" are what must have been dropped by queue full alone.
#pragma once

#include "kernel/workload/outcome.h"

namespace tcpwatch::workload {

struct SynOverflowOptions {
  Family family = Family::v4;  // dual: IPv4 clients at an IPv6 listener
  std::size_t clients = 50;
  int backlog = 1;            // the queue holds backlog + 1
  std::size_t listeners = 1;  // more: processes of a SO_REUSEPORT group, "server 0", "server 1", …
  int syn_cookies = 1;        // net.ipv4.tcp_syncookies while it runs
  int hold_ms = 1500;         // from the last connect() to the closes; SYNs come again after 1 s
};

// Dropped at the SYN. Roles "server 0", …, "client". The handshakes are synchronous on loopback:
// the first backlog + 1 of each listener succeed, all others never get an answer.
Outcome overflow_syn(const Netns& netns, const SynOverflowOptions& options = {});

struct AckOverflowOptions {
  Family family = Family::v4;
  int backlog = 8;
  std::size_t parked = 8;     // handshakes left open in the SYN queue; at most backlog, or the
                              // SYN queue itself overflows (which may be wanted)
  std::size_t late = 0;       // clients that come when the queue is full: SYN drops as well
  std::size_t listeners = 1;  // as above; then each gets about its share of `parked`
  int syn_cookies = 0;
  bool abort = false;  // tcp_abort_on_overflow: an RST instead of silence
  int hold_ms = 700;   // data is sent again after 200, 600 ms
};

// Dropped at the handshake's last packet, by TCP_DEFER_ACCEPT: a client that has sent nothing is
// established on its side only. `parked` of those wait while backlog + 1 others fill the accept
// queue; then they send a byte each and find it full. All clients end by RST.
Outcome overflow_ack(const Netns& netns, const AckOverflowOptions& options = {});

struct CookieOptions {
  Family family = Family::v4;
  std::size_t connections = 5;
};

// tcp_syncookies=2: each handshake goes by cookie and succeeds. Roles "server", "client".
Outcome syn_cookies(const Netns& netns, const CookieOptions& options = {});

struct FilteredOptions {
  Family family = Family::v4;
  std::size_t connects = 3;
};

// A trap: a socket filter on the listener swallows every packet. The listener's sk_drops rises
// (once per SYN), but neither ListenDrops nor ListenOverflows: no queue was full.
Outcome filtered_listener(const Netns& netns, const FilteredOptions& options = {});

}  // namespace tcpwatch::workload
