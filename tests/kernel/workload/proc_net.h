// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own books of one network namespace, as text under /proc/net: what the tracer's
// counts are compared with. Parsing only; Netns reads the files.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tcpwatch::workload {

// /proc/net/snmp and netstat. Tcp: and TcpExt: by their kernel name ("ActiveOpens",
// "ListenOverflows"); others with their table's name before it ("Ip.InReceives").
class Counters {
 public:
  Counters() = default;
  Counters(const std::string& snmp, const std::string& netstat);

  // Throws for a name that this kernel does not have: a misspelt counter must not read as 0.
  std::int64_t operator[](const std::string& name) const;
  bool has(const std::string& name) const { return values_.count(name) != 0; }
  Counters minus(const Counters& before) const;
  const std::map<std::string, std::int64_t>& values() const { return values_; }
  std::string changed() const;  // "ActiveOpens 3, PassiveOpens 3": for failure messages

 private:
  void parse(const std::string& text);

  std::map<std::string, std::int64_t> values_;
};

struct SocketRow {
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  int state = 0;            // TCP_ESTABLISHED … TCP_CLOSING of netinet/tcp.h
  std::uint32_t queue = 0;  // LISTEN: accept queue now; else bytes not yet read
  bool v6 = false;
};

// /proc/net/tcp and tcp6: every TCP socket of the namespace, TIME_WAIT and half-open ones too.
class SocketTable {
 public:
  SocketTable() = default;
  SocketTable(const std::string& tcp, const std::string& tcp6);

  const std::vector<SocketRow>& rows() const { return rows_; }
  std::size_t count(int state) const;
  std::size_t count(int state, std::uint16_t local_port) const;
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
