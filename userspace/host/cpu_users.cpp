// SPDX-License-Identifier: Apache-2.0
#include "host/cpu_users.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "host/proc_file.h"
#include "host/process_activity.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kEvery = 1'000'000'000;
constexpr std::uint64_t kEach = 3'000'000;  // two hundred times what a process costs
constexpr std::uint64_t kTooOld = 5;        // times the period: for a difference
constexpr std::size_t kMost = 8192;         // processes
constexpr double kLeast = 0.1;              // CPUs

}  // namespace

void CpuUsers::look(std::uint64_t now_ns) {
  const std::uint64_t period = std::max(kEvery, kEach * seen_.size());
  if (looked_ns_ != 0 && now_ns < looked_ns_ + period) return;
  const bool compare = looked_ns_ != 0 && now_ns < looked_ns_ + kTooOld * period;
  const double elapsed = static_cast<double>(now_ns - looked_ns_);
  looked_ns_ = now_ns;
  const auto before = std::exchange(seen_, {});
  std::string text;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(proc_, gone)) {
    const auto pid = to_number<std::uint32_t>(entry.path().filename().native());
    if (!pid || seen_.size() == kMost || !read_file(entry.path() / "stat", text)) continue;
    const auto load = parse_process_load(text);
    if (!load) continue;
    Seen& seen = seen_[*pid];
    seen = {load->ticks, load->cpu, {*pid, std::string(load->comm), 0, load->realtime}};
    const auto known = before.find(*pid);
    if (compare && known != before.end() && load->ticks >= known->second.ticks)
      seen.user.share =
          static_cast<double>(ticks_to_ns(load->ticks - known->second.ticks)) / elapsed;
  }
}

std::optional<CpuUser> CpuUsers::most_of(std::uint32_t cpu, std::uint32_t but) const {
  const CpuUser* most = nullptr;
  for (const auto& [pid, seen] : seen_)
    if (pid != but && seen.cpu == cpu && seen.user.share >= kLeast &&
        (!most || seen.user.share > most->share))
      most = &seen.user;
  return most ? std::optional(*most) : std::nullopt;
}

std::uint32_t runnable_tasks(const std::string& proc) {
  std::string text;
  if (!read_file(proc + "/loadavg", text)) return 0;
  std::string_view rest = text;
  for (int average = 0; average < 3; ++average) take_word(rest);
  std::string_view tasks = take_word(rest);  // "3/512"
  return to_number<std::uint32_t>(take_until(tasks, '/')).value_or(0);
}

}  // namespace tcpwatch
