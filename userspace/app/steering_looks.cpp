// SPDX-License-Identifier: Apache-2.0
#include "app/steering_looks.h"

#include <algorithm>

#include "events/make.h"
#include "host/steering.h"

namespace tcpwatch {
namespace {

// Somewhat less than what makes a finding (Thresholds::arrivals, one_cpu), which is told of one
// listener: others may share the namespace.
constexpr std::uint64_t kLeast = 10;
constexpr double kOneCpu = 0.8;
constexpr std::size_t kMost = 64;  // namespaces, and CPUs of each

}  // namespace

void SteeringLooks::on_inbound(const tw_inbound& record) {
  if (record.arrived == 0) return;
  const std::uint32_t netns = record.key.peer.netns;
  if (arrivals_.size() >= kMost && !arrivals_.contains(netns)) return;
  Arrived& arrived = arrivals_[netns];
  arrived.all += record.arrived;
  if (arrived.on_cpu.size() < kMost || arrived.on_cpu.contains(record.cpu))
    arrived.on_cpu[record.cpu] += record.on_cpu;
}

void SteeringLooks::tell(RecordSink& sink, const std::vector<NetnsRef>& known,
                         std::uint64_t now) const {
  for (const auto& [inode, arrived] : arrivals_) {
    const auto most =
        std::ranges::max_element(arrived.on_cpu, {}, [](const auto& cpu) { return cpu.second; });
    if (arrived.all < kLeast || most == arrived.on_cpu.end() ||
        static_cast<double>(most->second) < kOneCpu * static_cast<double>(arrived.all))
      continue;
    auto record = new_record<tw_steering>(now);
    record.netns = inode;
    record.cpu = most->first;
    read_packets(record);
    for (const NetnsRef& netns : known)
      if (netns.inode == inode) read_masks(record, netns);
    sink.on_record(&record);
  }
}

}  // namespace tcpwatch
