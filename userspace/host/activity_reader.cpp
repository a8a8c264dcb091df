// SPDX-License-Identifier: Apache-2.0
#include "host/activity_reader.h"

#include <sched.h>

#include <algorithm>
#include <utility>

#include "base/fixed_text.h"
#include "events/make.h"
#include "host/cpu_limits.h"
#include "host/process_text.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kTooOld = 5'000'000'000;  // for a difference
constexpr double kThousand = 1000;

std::uint32_t thousandths(double share) {
  return static_cast<std::uint32_t>(std::clamp(share, 0.0, 1e6) * kThousand);
}

std::uint32_t cpus_of(std::uint32_t pid) {
  cpu_set_t set;
  if (::sched_getaffinity(static_cast<pid_t>(pid), sizeof set, &set) != 0) return 0;
  return static_cast<std::uint32_t>(CPU_COUNT(&set));
}

}  // namespace

// The kernel adds a wait to its sum when it is over. One that goes on shows as nothing that moves:
// it is told as it goes, and taken off when it comes into the sum.
void ActivityReader::measure(const Known& before, Known& now, tw_activity& record) {
  if (now.time_ns <= before.time_ns || now.time_ns > before.time_ns + kTooOld) return;
  if (now.seen.ran_ns < before.seen.ran_ns) return;  // another process has its pid
  record.looked_ns = now.time_ns - before.time_ns;
  record.ran_ns = now.seen.ran_ns - before.seen.ran_ns;
  if (!now.seen.waited_ns || !before.seen.waited_ns ||
      *now.seen.waited_ns < *before.seen.waited_ns) {
    record.waited_ns = TW_UNKNOWN_NS;
    return;
  }
  const std::uint64_t summed = *now.seen.waited_ns - *before.seen.waited_ns;
  const bool still = summed == 0 && record.ran_ns == 0;
  if (still && now.seen.state == 'R' && before.seen.state == 'R') {
    record.waited_ns = record.looked_ns;
    now.told_ns = before.told_ns + record.looked_ns;
    return;
  }
  const std::uint64_t fresh = summed - std::min(summed, before.told_ns);
  record.waited_ns = std::min<std::uint64_t>(fresh, record.looked_ns * now.seen.threads);
  if (summed == 0) now.told_ns = before.told_ns;
}

// The limit that was hit most since the last look; else the tightest.
void ActivityReader::tell_limit(Known& now, tw_activity& record) {
  std::map<std::string, Group> groups;
  for (const CpuLimit& limit : cpu_limits_of(record.pid, proc_, cgroups_)) {
    groups[limit.group] = {limit.periods, limit.throttled};
    const auto known = now.groups.find(limit.group);
    const Group before =
        known != now.groups.end() ? known->second : Group{limit.periods, limit.throttled};
    const auto throttled = static_cast<std::uint32_t>(limit.throttled - before.throttled);
    const bool first = record.limit == 0;
    if (!first && throttled <= record.throttled) continue;
    record.periods = static_cast<std::uint32_t>(limit.periods - before.periods);
    record.throttled = throttled;
    record.limit = std::max(1U, thousandths(limit.cpus));
    set_text(record.group, fit_cgroup(limit.group, sizeof record.group - 1));
  }
  now.groups = std::move(groups);
}

void ActivityReader::explain(Known& now, tw_activity& record) {
  tell_limit(now, record);
  record.cpus = cpus_of(record.pid);
  record.runnable = runnable_tasks(proc_);
  users_.look(now.time_ns);
  const auto rival = users_.most_of(now.seen.cpu, record.pid);
  if (!rival) return;
  record.rival = rival->pid;
  record.rival_share = thousandths(rival->share);
  record.rival_realtime = rival->realtime ? 1 : 0;
  set_text(record.rival_comm, rival->comm);
}

std::optional<tw_activity> ActivityReader::look(std::uint32_t pid, std::uint64_t time_ns) {
  auto seen = read_activity(pid, proc_);
  if (!seen) {
    known_.erase(pid);
    return std::nullopt;
  }
  auto record = new_record<tw_activity>(time_ns);
  record.pid = pid;
  record.state = static_cast<__u8>(seen->state);
  record.cpu = seen->cpu;
  set_text(record.wait_channel, seen->wait_channel);
  Known& kept = known_[pid];
  Known now{time_ns, std::move(*seen), 0, std::move(kept.groups)};
  if (!now.seen.waited_ns) record.waited_ns = TW_UNKNOWN_NS;
  if (kept.time_ns != 0) measure(kept, now, record);
  if (record.waited_ns != TW_UNKNOWN_NS && record.waited_ns > record.ran_ns) explain(now, record);
  kept = std::move(now);
  return record;
}

void ActivityReader::forget(std::uint64_t time_ns) {
  std::erase_if(known_,
                [&](const auto& entry) { return entry.second.time_ns + kTooOld < time_ns; });
}

}  // namespace tcpwatch
