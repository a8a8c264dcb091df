// SPDX-License-Identifier: Apache-2.0
//
// `sockets`: one snapshot of the socket table, as text for people and as one JSON object
// (tcpwatch.sockets/1): schema, time, host, by, rows: [{key, states, total, …}] (the fields of
// sockets_fields.h), states and total of all that was asked for, namespaces, complete, notes,
// seconds (how long the snapshot took). What is not known is null, "-" in the text. Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tcpwatch/socket_table.h"
#include "views/palette.h"

namespace tcpwatch {

using StateCounts = std::array<std::uint64_t, TW_STATES>;  // indexed by enum tw_state

std::uint64_t total_of(const StateCounts& states);

struct StateSockets {
  tw_state state = TW_OUTSIDE;
  std::uint64_t sockets = 0;
  std::uint64_t all = 0;  // sockets in any state
};

// What rows of processes and destinations say alike of their connections. Seconds.
struct SocketActivity {
  bool looked = true;                    // else nothing of this is known
  std::uint64_t idle = 0;                // ESTABLISHED, without data either way for a while
  std::uint64_t waiting = 0;             // outbound, sent something and received nothing ever
  std::optional<double> waiting_since;   // the longest of them
  std::optional<double> close_wait_age;  // of the oldest CLOSE_WAIT
  std::string close_wait_peer;           // and who closed it
};

struct ProcessSockets {
  std::optional<std::uint32_t> pid;  // empty: sockets that no process holds
  std::string comm;                  // or why nobody holds them
  std::string cmdline;
  std::string cgroup;
  std::optional<std::string> container;
  std::optional<std::uint64_t> fds;
  std::optional<std::uint64_t> fds_limit;
  StateCounts states{};
  SocketActivity activity;
};

// The listening sockets of one address: several only in a SO_REUSEPORT group.
struct ListenerSockets {
  std::string address;
  std::uint32_t netns = 0;
  std::vector<std::uint32_t> owners;
  std::uint64_t members = 0;
  std::optional<std::uint64_t> reuseport_group;
  std::uint64_t queue = 0;  // sums over the members
  std::uint64_t queue_limit = 0;
  bool full = false;   // one of them
  double fullest = 0;  // of one of them, queue against full, which is limit + 1
  std::uint64_t half_open = 0;
  std::uint64_t drops = 0;
  std::optional<std::uint64_t> backlog;  // what listen() asked for, where somaxconn did not cap it
  std::optional<std::uint64_t> somaxconn;
  StateCounts states{};

  // Of one more of them: a full one drops, however empty the others are.
  void note_queue(std::uint64_t now, std::uint64_t limit) {
    queue += now;
    queue_limit += limit;
    full |= now > limit;
    fullest = std::max(fullest, static_cast<double>(now) / static_cast<double>(limit + 1));
  }
};

struct DestinationSockets {
  std::string address;
  std::uint32_t netns = 0;
  std::vector<std::uint32_t> workers;
  std::uint64_t sources = 0;     // local addresses
  std::uint64_t ports_used = 0;  // of the fullest one
  std::optional<std::uint64_t> ports_available;
  std::uint64_t ports_reusable = 0;  // TIME_WAIT that tcp_tw_reuse may take again
  std::optional<double> exhausted_in;
  StateCounts states{};
  SocketActivity activity;
};

struct Holder {
  std::uint32_t pid = 0;
  std::string comm;
};

struct OneSocket {
  tw_table_socket socket{};
  std::vector<Holder> holders;
};

struct SocketsView {
  tw_table_by by = TW_BY_STATE;
  std::uint64_t realtime_ns = 0;
  double seconds = 0;
  double jiffies_per_second = 250;
  std::string host;
  std::uint64_t namespaces = 0;
  bool complete = true;
  StateCounts states{};
  std::vector<StateSockets> by_state;
  std::vector<ProcessSockets> processes;
  std::vector<ListenerSockets> listeners;
  std::vector<DestinationSockets> destinations;
  std::vector<OneSocket> sockets;
  std::vector<std::string> notes;  // what is missing or not known, in whole sentences
};

struct SocketsStyle {
  std::size_t width = 100;
  Palette palette = Palette::kPlain;
};

// "state", "process", "listener", "destination", "socket".
const char* by_name(tw_table_by by);

std::string sockets_text(const SocketsView& view, const SocketsStyle& style);
std::string sockets_json(const SocketsView& view);  // without a newline at the end

}  // namespace tcpwatch
