// SPDX-License-Identifier: Apache-2.0
#include "host/cpu_limits.h"

#include "host/proc_file.h"

namespace tcpwatch {
namespace {

constexpr int kDeepest = 16;  // levels

bool has_cpu(std::string_view controllers) {
  while (!controllers.empty())
    if (take_until(controllers, ',') == "cpu") return true;
  return false;
}

std::string_view first_line(std::string_view text) { return take_until(text, '\n'); }

std::optional<double> allowed(const std::string& folder, bool unified) {
  std::string text;
  if (unified) return read_file(folder + "/cpu.max", text) ? parse_cpu_max(text) : std::nullopt;
  if (!read_file(folder + "/cpu.cfs_quota_us", text)) return std::nullopt;
  std::string both(first_line(text));
  if (!read_file(folder + "/cpu.cfs_period_us", text)) return std::nullopt;
  return parse_cpu_max(both.append(" ").append(first_line(text)));
}

}  // namespace

std::vector<CpuGroup> parse_cpu_groups(std::string_view text) {
  std::vector<CpuGroup> groups;
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view hierarchy = take_until(line, ':');
    const std::string_view controllers = take_until(line, ':');
    const bool unified = hierarchy == "0" && controllers.empty();
    if (line.starts_with('/') && (unified || has_cpu(controllers)))
      groups.push_back({std::string(line), unified});
  }
  return groups;
}

std::optional<double> parse_cpu_max(std::string_view text) {
  std::string_view line = take_until(text, '\n');
  const auto quota = to_number(take_word(line));  // "max" and "-1": no limit
  const auto period = to_number(take_word(line));
  if (!quota || period.value_or(0) == 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

void parse_cpu_stat(std::string_view text, CpuLimit& limit) {
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    const std::string_view name = take_word(line);
    const auto number = to_number(take_word(line));
    if (name == "nr_periods") limit.periods = number.value_or(0);
    if (name == "nr_throttled") limit.throttled = number.value_or(0);
  }
}

std::vector<CpuLimit> cpu_limits_of(std::uint32_t pid, const std::string& proc,
                                    const std::string& mount) {
  std::vector<CpuLimit> limits;
  std::string text;
  if (!read_file(proc + "/" + std::to_string(pid) + "/cgroup", text)) return limits;
  for (const CpuGroup& group : parse_cpu_groups(text)) {
    std::string path = group.path;
    for (int level = 0; level < kDeepest && path.size() > 1; ++level) {
      const std::string folder = mount + (group.unified ? "" : "/cpu") + path;
      if (const auto cpus = allowed(folder, group.unified)) {
        CpuLimit limit{path, *cpus};
        if (read_file(folder + "/cpu.stat", text)) parse_cpu_stat(text, limit);
        limits.push_back(std::move(limit));
      }
      path.resize(path.rfind('/'));
    }
  }
  return limits;
}

}  // namespace tcpwatch
