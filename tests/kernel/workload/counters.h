// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own counters of one network namespace, /proc/net/snmp and netstat: what the
// tracer's counts are compared with. Parsing only; Netns reads the files.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tcpwatch::workload {

// Tcp: and TcpExt: by their kernel name ("ActiveOpens",
// "ListenOverflows"); others with their table's name before it ("Ip.InReceives").
class Counters {
 public:
  Counters() = default;
  Counters(const std::string& snmp, const std::string& netstat);

  // Throws for a name that this kernel does not have (a misspelt counter must not read as 0), and
  // for a negative value: the gauge CurrEstab may fall.
  std::uint64_t operator[](const std::string& name) const;
  std::int64_t gauge(const std::string& name) const;
  bool has(const std::string& name) const { return values_.count(name) != 0; }
  Counters minus(const Counters& before) const;
  const std::map<std::string, std::int64_t>& values() const { return values_; }
  std::string changed() const;  // "ActiveOpens 3, PassiveOpens 3": for failure messages

 private:
  void parse(const std::string& text);

  std::map<std::string, std::int64_t> values_;
};

}  // namespace tcpwatch::workload
