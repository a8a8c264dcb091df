// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/counters.h"

#include <sstream>

#include "kernel/workload/basics.h"

namespace tcpwatch::workload {

Counters::Counters(const std::string& snmp, const std::string& netstat) {
  parse(snmp);
  parse(netstat);
}

// Pairs of lines: "Tcp: NAME NAME …" and "Tcp: VALUE VALUE …".
void Counters::parse(const std::string& text) {
  std::istringstream lines(text);
  std::string name_line;
  std::string value_line;
  while (std::getline(lines, name_line) && std::getline(lines, value_line)) {
    std::istringstream names(name_line);
    std::istringstream values(value_line);
    std::string table;
    std::string again;
    names >> table;
    values >> again;
    if (table != again) throw WorkloadError("/proc/net: " + table + " is followed by " + again);
    table.pop_back();
    const std::string prefix = table == "Tcp" || table == "TcpExt" ? "" : table + ".";
    std::string name;
    std::int64_t value = 0;
    while (names >> name && values >> value) values_[prefix + name] = value;
  }
}

std::uint64_t Counters::operator[](const std::string& name) const {
  const std::int64_t value = gauge(name);
  if (value < 0) throw WorkloadError("the counter " + name + " fell");
  return static_cast<std::uint64_t>(value);
}

std::int64_t Counters::gauge(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end()) throw WorkloadError("this kernel has no counter " + name);
  return found->second;
}

Counters Counters::minus(const Counters& before) const {
  Counters difference = *this;
  for (auto& [name, value] : difference.values_) {
    const auto found = before.values_.find(name);
    if (found != before.values_.end()) value -= found->second;
  }
  return difference;
}

std::string Counters::changed() const {
  std::string text;
  for (const auto& [name, value] : values_) {
    if (value == 0 || name.find('.') != std::string::npos) continue;
    text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
  }
  return text;
}

}  // namespace tcpwatch::workload
