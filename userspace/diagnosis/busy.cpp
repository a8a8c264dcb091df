// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/busy.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/human.h"
#include "diagnosis/starved.h"

namespace tcpwatch {
namespace {

struct Channel {
  std::string_view part;  // of the kernel function's name
  Occupation with;
  std::string_view text;
};

constexpr std::array kChannels{
    Channel{"inet_wait_for_connect", Occupation::kConnecting, "waits in connect()"},
    Channel{"inet_stream_connect", Occupation::kConnecting, "waits in connect()"},
    Channel{"__inet_stream_connect", Occupation::kConnecting, "waits in connect()"},
    Channel{"inet_csk_accept", Occupation::kWaiting, "waits in accept()"},
    Channel{"ep_poll", Occupation::kWaiting, "waits in epoll_wait()"},
    Channel{"epoll", Occupation::kWaiting, "waits in epoll_wait()"},
    Channel{"poll_schedule", Occupation::kWaiting, "waits in poll()"},
    Channel{"do_select", Occupation::kWaiting, "waits in select()"},
    Channel{"nanosleep", Occupation::kWaiting, "sleeps in nanosleep()"},
    Channel{"futex", Occupation::kWaiting, "waits for a lock (futex)"},
    Channel{"wait_woken", Occupation::kWaiting, "waits in a socket call"},
    Channel{"sk_wait_data", Occupation::kWaiting, "waits for data of a socket"},
    Channel{"sk_stream_wait", Occupation::kWaiting, "waits to send on a socket"},
    Channel{"pipe", Occupation::kWaiting, "waits on a pipe"},
    Channel{"do_wait", Occupation::kWaiting, "waits for a child process"},
};

Busy from_search(const Case& about, std::uint32_t pid) {
  const auto* track = about.chart.worker_track(pid);
  if (!track) return {};
  const double seconds = track->seconds();
  const double share = seconds > 0 ? track->sum(&WorkerSample::searching) / seconds : 0;
  if (share < about.limits.busy_connecting) return {};
  return {Occupation::kConnecting, std::min(share, 1.0),
          fmt::format("spends {} of its time in connect(), in the kernel's port search",
                      format_percent(std::min(share, 1.0))),
          about.sight.source("connect_kernel_time")};
}

Busy from_state(char state, double share, const std::string& channel) {
  const std::string source = "/proc/PID/stat, wchan";
  switch (state) {
    case 'T':
    case 't':
      return {Occupation::kStopped, share, fmt::format("is stopped (state {})", state), source};
    case 'R':
      return {Occupation::kCpu, share, "is on the CPU all the time (state R)", source};
    case 'D':
      return {Occupation::kDisk, share,
              fmt::format("waits for the disk (state D{}{})", channel.empty() ? "" : ", ", channel),
              source};
    case 'S':
      break;
    default:
      return {};
  }
  for (const Channel& known : kChannels)
    if (channel.find(known.part) != std::string::npos)
      return {known.with, share, std::string(known.text), source};
  return {Occupation::kWaiting, share,
          channel.empty() ? "sleeps (state S)" : fmt::format("sleeps in {}", channel), source,
          channel.empty()};
}

// Of one CPU, over the window; 0 where that is too short.
double cpu_share(const Track<ActivitySample>& track) {
  double looked = 0;
  double ran = 0;
  for (const ActivitySample& sample : track.samples()) {
    looked += sample.seen.looked;
    ran += sample.seen.ran;
  }
  return looked >= 1 ? ran / looked : 0;
}

// What it was mostly seen at.
Busy from_looks(const Case& about, std::uint32_t pid) {
  const auto* track = about.chart.activity(pid);
  if (!track || track->empty()) return {};
  if (Busy starved = starved_of(about, *track); starved.with != Occupation::kUnknown)
    return starved;
  std::map<std::pair<char, std::string>, std::size_t> looks;
  for (const ActivitySample& sample : track->samples()) {
    const Activity& seen = sample.seen;
    ++looks[{seen.state, seen.state == 'S' || seen.state == 'D' ? seen.wait_channel : ""}];
  }
  const auto most =
      std::ranges::max_element(looks, {}, [](const auto& look) { return look.second; });
  const double share =
      static_cast<double>(most->second) / static_cast<double>(track->samples().size());
  const double cpu = cpu_share(*track);
  if (cpu >= about.limits.busy)
    return {Occupation::kCpu, std::min(cpu, 1.0),
            fmt::format("uses {} of a CPU", format_percent(cpu)), "/proc/PID/stat"};
  if (share < about.limits.busy) return {};
  return from_state(most->first.first, share, most->first.second);
}

}  // namespace

Busy busy_of(const Case& about, std::uint32_t pid) {
  Busy seen = from_looks(about, pid);
  if (seen.with == Occupation::kStopped) return seen;
  Busy search = from_search(about, pid);
  return search.with == Occupation::kUnknown ? seen : search;
}

std::string what_to_do(const Busy& busy, std::uint32_t pid) {
  switch (busy.with) {
    case Occupation::kStopped:
      return fmt::format("kill -CONT {}   # after finding out who stopped it", pid);
    case Occupation::kStarved:
      return busy.next_step;
    case Occupation::kConnecting:
      return fmt::format("tcpwatch trace --pid {}   # whom it connects to", pid);
    case Occupation::kCpu:
      return fmt::format("top -H -p {}   # which thread; then its code: perf top, gdb, jstack, …",
                         pid);
    default:
      return fmt::format("cat /proc/{}/stack   # where it is", pid);
  }
}

BusyGroup busy_of(const Case& about, const std::vector<std::uint32_t>& pids) {
  std::map<std::pair<Occupation, std::string>, BusyGroup> groups;
  for (const std::uint32_t pid : pids) {
    Busy busy = busy_of(about, pid);
    // Shares differ from one to the next: the port search is one thing, and so is to be starved.
    const bool one_kind = busy.with == Occupation::kConnecting || busy.with == Occupation::kStarved;
    const std::string kind = one_kind ? "" : busy.text;
    BusyGroup& group = groups[{busy.with, kind}];
    if (busy.share >= group.busy.share) {
      group.busy = std::move(busy);
      group.pids.insert(group.pids.begin(), pid);
    } else {
      group.pids.push_back(pid);
    }
  }
  // A master that waits for its workers says nothing.
  const auto weight = [](const BusyGroup& group) {
    const int telling = group.busy.with == Occupation::kUnknown   ? 0
                        : group.busy.with == Occupation::kWaiting ? 1
                        : group.busy.with == Occupation::kStopped ? 3
                                                                  : 2;
    return std::pair(telling, group.pids.size());
  };
  BusyGroup most;
  for (auto& [kind, group] : groups)
    if (most.pids.empty() || weight(group) > weight(most)) most = std::move(group);
  return most;
}

}  // namespace tcpwatch
