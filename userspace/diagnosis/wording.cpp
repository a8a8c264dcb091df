// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/wording.h"

#include <fmt/format.h>

#include "base/human.h"

namespace tcpwatch {

std::string name_of(const Worker& worker) {
  return fmt::format("{} {}", worker.comm, worker.id.pid);
}

std::string name_of(const Chart& chart, const std::vector<std::uint32_t>& pids) {
  if (pids.empty()) return "nobody known";
  const Worker* first = chart.last_of(pids.front());
  std::string text = first ? name_of(*first) : fmt::format("pid {}", pids.front());
  if (pids.size() > 1) text += fmt::format(" +{}", pids.size() - 1);
  return text;
}

double per_second_of(double count, double seconds) { return seconds > 0 ? count / seconds : 0; }

std::string rate_of(double count, double seconds) {
  return format_rate(per_second_of(count, seconds));
}

Evidence counted(std::string name, double value, std::string source) {
  return {std::move(name), value, "1", std::move(source)};
}
Evidence rate(std::string name, double value, std::string source) {
  return {std::move(name), value, "1/s", std::move(source)};
}
Evidence seconds_taken(std::string name, double value, std::string source) {
  return {std::move(name), value, "s", std::move(source)};
}
Evidence share(std::string name, double value, std::string source) {
  return {std::move(name), value, "share", std::move(source)};
}

}  // namespace tcpwatch
