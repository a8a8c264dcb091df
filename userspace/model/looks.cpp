// SPDX-License-Identifier: Apache-2.0
#include "model/looks.h"

#include <utility>

#include "base/fixed_text.h"

namespace tcpwatch {
namespace {

constexpr double kSecondsPerNs = 1e-9;
constexpr double kThousandth = 1e-3;

double seconds(std::uint64_t ns) { return static_cast<double>(ns) * kSecondsPerNs; }

std::uint64_t gained(std::uint64_t now, std::uint64_t before) {
  return now >= before ? now - before : 0;
}

}  // namespace

void Looks::on_activity(const tw_activity& record) {
  if (activities_.size() >= limits_.activities) return;
  Activity& seen = activities_.emplace_back();
  seen.pid = record.pid;
  seen.parent = record.parent;
  seen.state = static_cast<char>(record.state);
  seen.wait_channel = text_of(record.wait_channel);
  seen.looked = seconds(record.looked_ns);
  seen.ran = seconds(record.ran_ns);
  seen.waited = record.waited_ns == TW_UNKNOWN_NS ? -1 : seconds(record.waited_ns);
  seen.periods = record.periods;
  seen.throttled = record.throttled;
  seen.limit = record.limit * kThousandth;
  seen.group = text_of(record.group);
  seen.cpu = record.cpu;
  seen.cpus = record.cpus;
  seen.runnable = record.runnable;
  seen.rival = record.rival;
  seen.rival_comm = text_of(record.rival_comm);
  seen.rival_share = record.rival_share * kThousandth;
  seen.rival_realtime = record.rival_realtime != 0;
}

void Looks::on_steering(const tw_steering& record) {
  if (steered_.size() < limits_.namespaces || steered_.contains(record.netns))
    steered_[record.netns] = record;
}

void Looks::settle(Snapshot& snapshot) {
  snapshot.activities = std::exchange(activities_, {});
  for (const auto& [netns, now] : steered_) {
    const auto place = steered_before_.find(netns);
    const bool known = place != steered_before_.end() && place->second.cpu == now.cpu;
    const tw_steering& before = known ? place->second : now;
    snapshot.steering.push_back({netns, now.cpu, gained(now.packets, before.packets),
                                 gained(now.packets_cpu, before.packets_cpu), now.queues,
                                 now.unspread, now.to_cpu, std::string(text_of(now.queue))});
  }
  steered_before_ = std::exchange(steered_, {});
}

}  // namespace tcpwatch
