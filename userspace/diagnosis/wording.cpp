// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/wording.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"

namespace tcpwatch {
namespace {

// A process through which its namespace is entered; 0: none is known.
std::uint32_t inhabitant(const Chart& chart, const Subject& who) {
  const auto fits = [&](const Worker* worker) {
    return worker && worker->alive && worker->netns == who.netns;
  };
  if (fits(chart.last_of(who.pid))) return who.pid;
  for (const auto& [id, entry] : chart.workers())
    if (fits(entry.row)) return id.pid;
  return 0;
}

}  // namespace

std::string within(const Chart& chart, const Subject& who, std::string_view command) {
  const std::uint32_t host = chart.snapshot().host_netns;
  if (host == 0 || who.netns == 0 || who.netns == host) return std::string(command);
  if (const std::uint32_t pid = inhabitant(chart, who); pid != 0)
    return fmt::format("nsenter -t {} -n {}", pid, command);
  return fmt::format("in network namespace {}: {}", who.netns, command);
}

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address.starts_with("[::1]:");
}

std::string raise_descriptors(std::uint32_t pid, std::uint64_t limit) {
  constexpr std::uint64_t kEnough = 65536;
  constexpr std::uint64_t kUsualMost = 1048576;  // fs.nr_open, unless somebody changed it
  const std::uint64_t more = limit != 0 ? 2 * limit : kEnough;
  return fmt::format("prlimit --pid {} --nofile={}:{}", pid, more, std::max(more, kUsualMost));
}

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
