// SPDX-License-Identifier: Apache-2.0
//
// /proc/net/tcp and tcp6 of one network namespace: every TCP socket with its state, TIME_WAIT and
// half-open ones too. Parsing only; Netns reads the files.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch::workload {

struct SocketRow {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  int state = 0;            // TCP_ESTABLISHED … TCP_CLOSING of netinet/tcp.h
  std::uint32_t queue = 0;  // LISTEN: accept queue now; else bytes not yet read
  bool remnant = false;     // no socket any more: what tcp_time_wait() keeps of one
  bool v6 = false;
};

class SocketTable {
 public:
  SocketTable() = default;
  SocketTable(const std::string& tcp, const std::string& tcp6);

  const std::vector<SocketRow>& rows() const { return rows_; }
  std::size_t count(int state) const;
  std::size_t count(int state, std::uint16_t local_port) const;
  // Sockets in FIN_WAIT2 that are whole still: nobody has them open, and their peer has not closed.
  std::size_t whole_fin_waits() const;
  std::size_t queued(std::uint16_t listener_port) const;  // sum over the listeners of the port
  // No handshake and no closing under way: no state that changes without a program's doing,
  // except FIN_WAIT2 and TIME_WAIT running out.
  bool quiet() const;
  std::string text() const;  // "LISTEN 1, TIME_WAIT 3"

 private:
  void parse(std::string_view text, bool v6);

  std::vector<SocketRow> rows_;
};

const char* state_name(int state);

}  // namespace tcpwatch::workload
