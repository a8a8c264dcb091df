// SPDX-License-Identifier: Apache-2.0
#include "kernel/socket_sampler.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <functional>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "kernel/jiffies.h"
#include "kernel/run_program.h"
#include "kernel/skeleton.h"
#include "kernel/take_all.h"

namespace tcpwatch {
namespace {

bool empty(const tw_flow_sample& count) {
  return count.active == 0 && count.idle == 0 && count.time_waits == 0 && count.fin_waits == 0;
}

// No padding in it: asserted in abi.h.
struct EndpointHash {
  std::size_t operator()(const tw_endpoint& end) const {
    return std::hash<std::string_view>{}({reinterpret_cast<const char*>(&end), sizeof end});
  }
};
struct EndpointEqual {
  bool operator()(const tw_endpoint& a, const tw_endpoint& b) const {
    return std::memcmp(&a, &b, sizeof a) == 0;
  }
};

}  // namespace

Result<> SocketSampler::open(const TableSizes& sizes) {
  tcpwatch_bpf* object = objects_.object_with({"sample_walk", "sample_iterate"});
  if (!object) return Ok{};  // refused: the hook plan says why
  samples_ = MappedArray<tw_flow_sample>(objects_.map_fd("flow_samples"), sizes.flows);
  if (!samples_.reach(1))
    return Error{ErrorKind::kCannotTell, "cannot map the samples of sockets", ""};
  const bpf_program* walk = objects_.program("sample_walk");
  walk_fd_ = walk ? bpf_program__fd(walk) : -1;
  makers_.open(objects_, sizes.lanes);
  shared_ = object;
  return Ok{};
}

void SocketSampler::tell_ranges(const PortRanges& ranges) {
  const int map = objects_.map_fd("port_ranges");
  take_all<std::uint32_t, tw_port_range, 256>(map, [](auto&, auto&) {});
  for (const auto& [netns, range] : ranges) bpf_map_update_elem(map, &netns, &range, BPF_ANY);
}

void SocketSampler::begin(const PortRanges& ranges) {
  began_ns_ = monotonic_ns();
  makers_.sort();
  if (samples_.reach(flows_.size()))
    std::memset(&samples_[0], 0, flows_.size() * sizeof(tw_flow_sample));
  take_all<std::uint32_t, tw_leak_sample, 256>(objects_.map_fd("leak_samples"),
                                               [](auto&, auto&) {});
  take_all<tw_port_key, tw_port_sample>(objects_.map_fd("port_samples"), [](auto&, auto&) {});
  tell_ranges(ranges);
  const double per_second = jiffies_per_second();
  tw_sample_run& run = shared_->bss->sample_run;
  run = {};
  run.tick_ns = static_cast<std::uint64_t>(1e9 / per_second);
  run.second = static_cast<std::uint32_t>(per_second);
  run.slow = TW_SLOW_SECONDS * run.second;
  run.idle = TW_IDLE_SECONDS * run.second;
  shared_->bss->here.net = 0;
  tables_.clear();
}

Result<> SocketSampler::look() {
  if (walk_fd_ < 0) {
    for (const bpf_link* link : objects_.links_of("sample_iterate"))
      if (!run_iterator(*link)) return refused_program("cannot open a BPF iterator", errno);
    return Ok{};
  }
  const auto found = walk_buckets(walk_fd_, 0, 0);
  if (!found || !tables_.insert(shared_->bss->walk.buckets).second) return found;
  return walk_all(walk_fd_, shared_->bss->sample_run.buckets);
}

void SocketSampler::take_flows(SocketSample& sample) {
  flows_in_use_.clear();
  if (!samples_.reach(flows_.size())) return;
  for (std::uint32_t slot = 1; slot < flows_.size(); ++slot) {
    const tw_flow_sample& count = samples_[slot];
    if (empty(count) || flows_.key(slot).role == 0) continue;
    sample.flows.push_back({flows_.key(slot), count});
    if (count.time_waits != 0 || count.fin_waits != 0) flows_in_use_.insert(slot);
  }
}

// Only those of destinations that a flow leads to: nobody has a row for any other.
void SocketSampler::take_ports(SocketSample& sample) {
  std::unordered_set<tw_endpoint, EndpointHash, EndpointEqual> known;
  for (std::uint32_t slot = 1; slot < flows_.size(); ++slot)
    if (flows_.key(slot).role == TW_ROLE_OUT) known.insert(flows_.key(slot).peer);
  take_all<tw_port_key, tw_port_sample>(objects_.map_fd("port_samples"),
                                        [&](const tw_port_key& key, const tw_port_sample& count) {
                                          if (known.contains(key.destination))
                                            sample.ports.push_back({key, count});
                                        });
}

SocketSample SocketSampler::take(bool whole) {
  if (whole) seen_until_ = began_ns_;
  SocketSample sample;
  sample.run = shared_->bss->sample_run;
  take_flows(sample);
  take_all<std::uint32_t, tw_leak_sample, 256>(
      objects_.map_fd("leak_samples"), [&](std::uint32_t slot, const tw_leak_sample& count) {
        if (slot != 0 && slot < flows_.size() && flows_.key(slot).role != 0)
          sample.leaks.push_back({flows_.key(slot), count});
      });
  take_ports(sample);
  return sample;
}

}  // namespace tcpwatch
