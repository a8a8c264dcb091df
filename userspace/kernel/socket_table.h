// SPDX-License-Identifier: Apache-2.0
//
// One snapshot of the socket table by BPF iterators (bpf/socket_table.bpf.c): first who holds which
// socket, for all namespaces at once; then the sockets of each namespace, from a thread in it.
// Loads only what the query needs. Used by one thread at a time; ages are jiffies.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "tcpwatch/socket_table.h"

namespace tcpwatch {

struct TableQuery {
  tw_table_by by = TW_BY_STATE;
  std::uint32_t states = ~0U;  // bit 1 << enum tw_state
  std::uint16_t port = 0;      // local or remote; 0: any
  std::uint32_t netns = 0;     // 0: any
  std::vector<std::uint32_t> pids;
  std::string comm;
  double idle = 60;  // seconds without data that make a connection idle
  bool walk = true;  // false: refuse the quicker way, for tests

  // Only sockets of certain processes.
  bool of_processes() const { return !pids.empty() || !comm.empty(); }
  bool needs_owners() const { return by != TW_BY_STATE || of_processes(); }
};

// How much is looked at: what is beyond is said to be missing, never silently left out.
struct TableLimits {
  std::uint64_t files = 4'000'000;
  std::uint32_t holders = 1 << 20;
  std::uint32_t rows = 1 << 16;
};

class SocketTable {
 public:
  using Rows = std::vector<std::pair<tw_table_key, tw_table_count>>;
  using OnSocket = std::function<void(const tw_table_socket&)>;
  using OnHolder = std::function<void(const tw_table_holder&)>;

  static Result<std::unique_ptr<SocketTable>> load(const TableQuery& query,
                                                   const TableLimits& limits = {});
  ~SocketTable();
  SocketTable(const SocketTable&) = delete;
  SocketTable& operator=(const SocketTable&) = delete;

  // Forgets the last snapshot.
  void restart();
  // Holders are told for queries by socket and by listener. False: not every file was looked at.
  Result<bool> sweep_files(const OnHolder& on_holder);
  // The sockets of the calling thread's namespace; `low`, `high`: its range of source ports.
  // Sockets are told for queries by socket, listening ones for queries by listener.
  Result<> read_namespace(std::uint32_t low, std::uint32_t high, const OnSocket& on_socket);

  const tw_table_run& run() const;
  Rows take_rows();  // what was counted, once

 private:
  struct Object;
  explicit SocketTable(std::unique_ptr<Object> object);

  std::unique_ptr<Object> object_;
};

}  // namespace tcpwatch
