// SPDX-License-Identifier: Apache-2.0
//
// What the model knows at one tick: immutable, self-contained, the only input of views and
// diagnosis. Counters come twice: `total` since the start of tcpwatch, `delta` of the interval
// that the tick ended. Durations are seconds, addresses are printable, nothing refers to ABI slots.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "model/shared_rows.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

// The reasons of failed connects, indexed by enum tw_reason.
using Failures = std::array<std::uint64_t, TW_REASONS>;

// accept4() and socket() refused for want of a descriptor, indexed by enum tw_refusal.
using FdRefusals = std::array<std::uint64_t, TW_REFUSALS>;

// Sockets now in each state, indexed by enum tw_state. TIME_WAIT is not in here: see time_wait.
using States = std::array<std::int64_t, TW_STATES>;

struct Overflows {
  std::uint64_t syn = 0;
  std::uint64_t ack = 0;
};

// Counters that exist for workers, destinations and in total.
struct Traffic {
  std::uint64_t accepts = 0;
  std::uint64_t connects = 0;  // begun, whatever their outcome
  std::uint64_t established_out = 0;
  std::uint64_t closes = 0;  // of connections that were established
  Failures failures{};
  FdRefusals fd_refusals{};
  std::uint64_t turned_away = 0;  // accepted, and closed unread
  Histogram connect;              // seconds of established connects
  Histogram failed;               // seconds until a connect had failed
  Histogram kernel;               // the kernel's port search inside connect()
  Histogram accept_wait;          // end of the handshake to accept()

  std::uint64_t connect_failures() const;     // sum of failures
  std::uint64_t refused_descriptors() const;  // sum of fd_refusals
};

// What belongs to no worker of the snapshot: connections that nobody has accepted yet, what the
// kernel or the model had no room for, and workers that have left.
struct Unowned {
  Traffic total;
  Traffic delta;
  States states{};
};

struct WorkerId {
  std::uint32_t pid = 0;
  std::uint32_t start_ticks = 0;  // since boot, USER_HZ, as in /proc/PID/stat
  auto operator<=>(const WorkerId&) const = default;
};

struct Fds {
  std::uint32_t open = 0;
  std::uint32_t limit = 0;
};

// Sockets in CLOSE_WAIT: the peer has closed, the program has not. Ages in seconds.
struct CloseWaits {
  std::uint64_t sockets = 0;
  double oldest = 0;
  double median = 0;
  bool exact = false;  // the peer's FIN was seen; else, of some, since its last segment
  bool oldest_exact = false;
  std::string peer;  // of the oldest
  bool operator==(const CloseWaits&) const = default;
};

// Which CPU takes in a row's packets, by its connections from outside of the namespace.
struct Arrivals {
  std::uint64_t sockets = 0;
  std::uint32_t cpu = 0;     // of most of them
  std::uint64_t on_cpu = 0;  // at least
  bool operator==(const Arrivals&) const = default;
};

// What the last look through the socket table found of a row's connections (Snapshot::sample says
// when it was).
struct SocketFacts {
  std::uint64_t active = 0;   // established, data came or went within the last minute
  std::uint64_t idle = 0;     // established, the others
  std::uint64_t waiting = 0;  // established outbound, has sent and never received
  double waiting_since = 0;   // the longest of them, since it last sent
  std::string waiting_for;    // and its destination
  std::uint64_t time_waits = 0;
  std::uint64_t fin_waits = 0;            // FIN_WAIT2 of sockets that were closed: not in `states`
  std::optional<CloseWaits> close_waits;  // if there are any
  std::uint64_t slow = 0;                 // established inbound, whose client hardly sends
  double slow_since = 0;                  // the longest of them, since it was last sent anything
  std::optional<Arrivals> arrivals;       // if there are any
  bool operator==(const SocketFacts&) const = default;
};

// State changes of one kind, by enum tw_step.
struct StepCount {
  std::uint32_t step = 0;
  std::uint64_t count = 0;
};

// Source ports towards a destination, on the local address that uses most of them.
struct Ports {
  std::uint64_t used = 0;
  std::optional<std::uint64_t> available;  // empty: settings could not be read
  std::uint64_t reusable = 0;              // of those in use, TIME_WAIT that connect() may take
  std::uint64_t time_waits = 0;            // over all local addresses, whoever made them
  std::uint64_t sources = 0;               // local addresses
  std::optional<double> exhausted_in;      // seconds, at the present rate; empty: not in sight
  bool operator==(const Ports&) const = default;
};

struct Worker {
  WorkerId id;
  std::string comm;
  std::string cmdline;
  std::string cgroup;
  std::optional<std::string> container;
  std::uint32_t netns = 0;  // of its first connection seen
  bool alive = true;
  Traffic total;
  Traffic delta;
  std::vector<StepCount> steps_delta;  // those that were made in the interval
  States states{};                     // now
  std::optional<Fds> fds;
  std::optional<SocketFacts> sockets;      // empty: not looked at yet
  std::optional<double> close_wait_slope;  // sockets per minute, over the last minute
};

struct Listener {
  std::string address;
  std::uint16_t port = 0;
  std::uint32_t netns = 0;
  std::string comm;                              // of who called listen()
  std::vector<std::uint32_t> owners;             // pids: who listens, then who accepted from it
  std::optional<std::uint64_t> reuseport_group;  // numbered in the order of appearance, from 1
  std::uint32_t queue_now = 0;
  std::uint32_t queue_peak = 0;  // in this interval
  std::uint32_t queue_limit = 0;
  std::optional<std::uint32_t> listen_backlog;  // asked; known only when below somaxconn
  std::uint32_t somaxconn = 0;
  std::uint32_t syn_queue = 0;
  std::uint64_t accepts_total = 0;
  std::uint64_t accepts_delta = 0;
  Overflows overflows_total;
  Overflows overflows_delta;
  std::uint64_t other_drops_delta = 0;  // sk_drops that are no overflow
  bool overflows_exact = true;
  bool closed = false;
  Histogram accept_wait_delta;         // of all workers that accept from this address
  std::optional<SocketFacts> sockets;  // of its accepted connections (of its address)
};

// Failures and connects of one worker towards a destination (metrics, findings).
struct Route {
  WorkerId worker;
  std::shared_ptr<const Traffic> total;  // shared between snapshots, never null
  std::shared_ptr<const Traffic> delta;
  std::shared_ptr<const SocketFacts> sockets;  // null: nothing found, or not looked yet
  std::uint64_t time_waits() const { return sockets ? sockets->time_waits : 0; }
};

struct Destination {
  std::string address;
  std::uint32_t netns = 0;
  std::vector<std::uint32_t> workers;  // pids, most connects first
  std::vector<Route> routes;           // of each worker, in that order
  Traffic total;
  Traffic delta;
  States states{};
  std::optional<SocketFacts> sockets;
  std::optional<Ports> ports;
};

// Connection tracking of a namespace.
struct Conntrack {
  std::uint64_t count = 0;
  std::uint64_t max = 0;
  std::uint64_t dropped_delta = 0;        // packets: no room, or the insertion failed
  std::uint64_t early_dropped_delta = 0;  // entries pushed out for new ones
};

// What one worker accepted from one listening address in the interval; there only if it did.
struct AcceptRoute {
  WorkerId worker;  // pid 0: more than the model has rows for
  std::string address;
  std::uint32_t netns = 0;
  std::uint64_t accepts = 0;
};

struct Netns {
  std::uint32_t inode = 0;
  tw_netns total{};  // the kernel's counters
  tw_netns delta{};
  std::optional<Conntrack> conntrack;  // empty: there is none, or it could not be read
};

// What a server says of itself: nginx's stub_status page.
struct Server {
  std::string address;  // where it was asked
  std::uint32_t netns = 0;
  tw_nginx total{};
  tw_nginx delta{};  // active, reading, writing and waiting are those of now
};

// What a process did since the look before, told while connections wait for it. Seconds.
struct Activity {
  std::uint32_t pid = 0;
  std::uint32_t parent = 0;  // who listens for it; 0: it was asked about for its own sake
  char state = '?';          // R, S, D, T, t, Z as in /proc/PID/stat; ?: threads, each its own
  std::string wait_channel;  // empty: running, or not permitted to know
  double looked = 0;         // since the look before; 0: this is the first
  double ran = 0;            // on CPUs, all its threads
  double waited = -1;        // for a CPU, likewise; below 0: not known
  // Why it waits, where it waits more than it runs.
  std::uint32_t periods = 0;    // of the limit of its group's CPU time; 0: no limit is known
  std::uint32_t throttled = 0;  // of them, in which the time was used up
  double limit = 0;             // CPUs
  std::string group;
  std::uint32_t cpu = 0;       // where it last ran
  std::uint32_t cpus = 0;      // that it may run on; 0: not known
  std::uint32_t runnable = 0;  // tasks of the whole machine; 0: not known
  std::uint32_t rival = 0;     // pid of who used most of `cpu`; 0: nobody known
  std::string rival_comm;
  double rival_share = 0;
  bool rival_realtime = false;
};

// Where packets of a namespace are steered, told while one CPU takes in nearly all connections.
struct Steering {
  std::uint32_t netns = 0;
  std::uint32_t cpu = 0;                // that CPU
  std::uint64_t packets_delta = 0;      // that all CPUs of the machine took in
  std::uint64_t packets_cpu_delta = 0;  // of them, that CPU
  std::uint32_t queues = 0;             // receive queues of its devices, but for loopback
  std::uint32_t unspread = 0;           // of them, without a mask
  std::uint32_t to_cpu = 0;             // of them, whose mask is that CPU alone
  std::string queue;                    // one of those
};

// One row of the hook plan.
struct HookChoice {
  std::string signal;
  std::string mechanism;
  std::string target;
  std::string note;
  int order = 0;
  std::uint32_t skipped = 0;  // runs that the kernel did not start; then it is not exact
  bool chosen = false;
  bool exact = false;
};

struct Loss {
  std::uint64_t events = 0;     // stories lost, all kinds
  std::uint64_t untold = 0;     // ends of connections above the rate that was asked for
  std::uint64_t folded = 0;     // counts without a flow of their own
  std::uint64_t untracked = 0;  // sockets without an entry
};

// The last look through the socket table.
struct Sample {
  double age = 0;       // seconds before the tick
  double interval = 0;  // until the next, at least
  double cost = 0;      // CPU that it took
  std::uint64_t sockets = 0;
  std::uint64_t time_waits = 0;
  std::uint64_t strangers = 0;  // of them, made by nobody known: older than tcpwatch
  std::uint64_t fin_waits = 0;
  bool whole = true;
};

struct Snapshot {
  std::uint64_t realtime_ns = 0;  // wall clock of the tick
  double interval = 0;            // seconds since the tick before
  std::string host;
  std::string kernel;
  std::string version;
  Traffic total;
  Traffic delta;
  States states{};                        // of the workers; FIN_WAIT2 with that of closed sockets
  std::optional<std::int64_t> time_wait;  // sum over the namespaces
  Overflows overflows_total;
  Overflows overflows_delta;
  std::array<std::uint64_t, TW_STEP_COUNT> steps_total{};
  std::array<std::uint64_t, TW_STEP_COUNT> steps_delta{};
  SharedRows<Worker> workers;  // sorted by pid
  Unowned unowned;             // workers + unowned = total (but for accepts: see model.h)
  std::vector<Listener> listeners;
  SharedRows<Destination> destinations;
  std::vector<AcceptRoute> accept_routes;
  std::vector<Netns> netns;
  std::uint32_t host_netns = 0;  // of `netns`, the machine's own: see namespaces.cpp; 0: not known
  std::vector<Server> servers;   // those that were asked
  std::vector<Activity> activities;  // of few processes: see Activity
  std::vector<Steering> steering;
  std::vector<HookChoice> hooks;
  Loss lost_total;
  Loss lost_delta;
  std::optional<Sample> sample;
  std::optional<double> own_cpu;  // seconds of CPU that tcpwatch itself used in the interval
};

}  // namespace tcpwatch
