// SPDX-License-Identifier: Apache-2.0
//
// Scenarios in which connect() fails or is given up. The role "client" makes the attempts, one
// after the other when blocking; Counts::failures holds what it was told. fact "port": the
// destination's port. Counted apart by the kernel: which of these ever sent a SYN (ActiveOpens).
#pragma once

#include "kernel/workload/outcome.h"
#include "kernel/workload/tcp.h"

namespace tcpwatch::workload {

struct FailOptions {
  Family family = Family::v4;
  bool nonblocking = false;  // outcome by SO_ERROR after POLLOUT
  std::size_t connects = 3;
};

// To a port that is bound but does not listen: ECONNREFUSED.
Outcome refused(const Netns& netns, const FailOptions& options = {});

enum class Shortage {
  held,            // all ports of the range are in established connections
  time_wait,       // … in TIME_WAIT (tcp_tw_reuse off)
  explicit_bind,   // bound to one source port that already goes to that destination
  refused_before,  // as held, of sockets whose first connect() was refused: ECONNREFUSED, too
};

struct ShortageOptions {
  Family family = Family::v4;
  Shortage kind = Shortage::held;
  bool nonblocking = false;  // of the attempts that fail
  std::size_t ports = 8;     // size of the range while the scenario runs
  std::size_t too_many = 4;  // attempts that end in EADDRNOTAVAIL
};

// `ports` connections succeed (explicit_bind: 1), then `too_many` fail. Roles "server", "client".
Outcome address_not_available(const Netns& netns, const ShortageOptions& options = {});

struct TimeoutOptions : FailOptions {
  TimeoutOptions() { connects = 2; }
  int user_timeout_ms = 200;  // ends at the first retransmission: after 1 s
  int syn_count = 0;          // or: TCP_SYNCNT retransmissions, 1 takes 2 to 3 s
};

// A blackhole: ETIMEDOUT. fact "ns": from the first connect() to the last outcome.
Outcome timed_out(const Netns& netns, const TimeoutOptions& options = {});

enum class GivingUp {
  close,         // non-blocking, poll() for `after_ms`, close()
  send_timeout,  // blocking with SO_SNDTIMEO, close()
  disconnect,    // non-blocking, poll(), connect(AF_UNSPEC), close()
  shutdown,      // non-blocking, poll(), shutdown(SHUT_RDWR), close()
  signal,        // blocking, EINTR by a timer's signal, close()
};

struct AbandonOptions {
  Family family = Family::v4;
  GivingUp how = GivingUp::close;
  std::size_t connects = 3;
  int after_ms = 50;
};

Outcome abandoned(const Netns& netns, const AbandonOptions& options = {});

enum class NoWay {
  no_route,     // ENETUNREACH, at once, no SYN
  unreachable,  // a route says so: EHOSTUNREACH, at once
  prohibit,     // EACCES, at once
  blackhole,    // EINVAL, at once
  neighbour,    // a SYN is due, but ARP or ND gets no answer: EHOSTUNREACH by ICMP (needs veth)
};

struct NoWayOptions : FailOptions {
  NoWay kind = NoWay::no_route;
};

Outcome unreachable(const Netns& netns, const NoWayOptions& options = {});

}  // namespace tcpwatch::workload
