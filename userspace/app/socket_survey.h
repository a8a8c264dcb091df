// SPDX-License-Identifier: Apache-2.0
//
// One snapshot of the socket table of all network namespaces, with what /proc adds: names, limits,
// port ranges. Each namespace is entered once, on a thread of its own; one that has vanished
// meanwhile is no error, one that may not be entered is told. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "host/netns_find.h"
#include "host/process.h"
#include "host/sysctl.h"
#include "kernel/socket_table.h"
#include "views/sockets.h"

namespace tcpwatch {

// Of a row by destination: what its listener left behind when it closed. In TIME_WAIT (whatever is
// held by a process is told), from a port that connect() does not choose to one that it does.
bool was_accepted(const tw_table_key& key, const tw_table_count& count, const NetSysctls& settings);

class SocketSurvey {
 public:
  // `only`: the one namespace to look at; else all.
  static Result<std::unique_ptr<SocketSurvey>> open(const TableQuery& query,
                                                    std::optional<NetnsRef> only,
                                                    const TableLimits& limits = {});
  Result<SocketsView> take();

 private:
  SocketSurvey(const TableQuery& query, std::optional<NetnsRef> only,
               std::unique_ptr<SocketTable> table);

  // What is gathered of one snapshot before it becomes rows.
  struct Gathered {
    SocketsView view;
    std::map<std::uint32_t, NetSysctls> settings;  // by namespace
    std::vector<tw_table_socket> sockets;
    std::vector<tw_table_holder> holders;
    std::uint64_t refused = 0;   // namespaces
    std::size_t hidden = 0;      // processes whose namespace is not known
    std::uint64_t accepted = 0;  // was_accepted()
    bool all_files = true;
    bool all_namespaces = true;
  };

  Result<> read_namespaces(Gathered& gathered);
  Result<> read_inside(Gathered& gathered, std::uint32_t netns);
  void add_states(Gathered& gathered) const;
  void add_processes(Gathered& gathered);
  void add_unheld(SocketsView& view) const;
  void add_listeners(Gathered& gathered);
  void add_destinations(Gathered& gathered, std::uint64_t now);
  void add_sockets(Gathered& gathered) const;
  void add_notes(Gathered& gathered) const;
  double seconds_of(std::uint32_t jiffies) const { return jiffies / jiffies_per_second_; }

  TableQuery query_;
  std::optional<NetnsRef> only_;
  std::unique_ptr<SocketTable> table_;
  ProcessReader processes_;
  double jiffies_per_second_;
  // Ports in use at the last snapshot, for the rate (destination and its namespace).
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> ports_before_;
  std::uint64_t taken_before_ = 0;
};

}  // namespace tcpwatch
