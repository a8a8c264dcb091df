// SPDX-License-Identifier: Apache-2.0
#include "app/socket_sampling.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/address.h"
#include "events/make.h"
#include "host/netns_enter.h"
#include "model/rows.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kShortest = 500'000'000;  // between two looks
constexpr std::uint64_t kFew = 4096;              // sockets
constexpr std::uint32_t kReuseLoopback = 2;       // tcp_tw_reuse: only over loopback

// Of all threads: some namespaces are entered on one of their own.
std::uint64_t cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<std::uint64_t>(used.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(used.tv_nsec);
}

std::uint64_t ns_of(std::uint32_t jiffies, const SocketSample& sample) {
  return jiffies * sample.run.tick_ns;
}

}  // namespace

SocketSampler::PortRanges SocketSampling::port_ranges() {
  SocketSampler::PortRanges ranges;
  for (const std::uint32_t netns : facts_.namespaces_met()) {
    const NetSysctls* settings = facts_.settings_of(netns);
    if (!settings || !settings->port_low || !settings->port_high) continue;
    const bool timestamps = settings->tcp_timestamps.value_or(0) != 0;
    ranges[netns] = {.low = *settings->port_low,
                     .high = *settings->port_high,
                     .reuse = timestamps ? settings->tcp_tw_reuse.value_or(0) : 0,
                     .zero = 0};
  }
  return ranges;
}

bool SocketSampling::look_inside(const NetnsRef& netns) {
  bool looked = false;
  const auto entered = in_netns(netns, [&] { looked = static_cast<bool>(sockets_.look()); });
  // Gone since it was found is no loss; a missing permission, which the hint then says, is one.
  return entered ? looked : entered.error().hint.empty();
}

// The table of connections is one for all namespaces, but for those that have their own.
bool SocketSampling::look() {
  const std::uint32_t own = netns_of_process(static_cast<std::uint32_t>(::getpid()));
  bool whole = static_cast<bool>(sockets_.look());
  for (const NetnsRef& netns : facts_.namespaces()) {
    if (netns.inode == own) continue;
    const bool met = facts_.namespaces_met().contains(netns.inode);
    const NetSysctls* settings = met ? facts_.settings_of(netns.inode) : nullptr;
    if (sockets_.by_namespace() || (settings && settings->tcp_ehash_entries))
      whole &= look_inside(netns);
  }
  return whole;
}

void SocketSampling::sample_if_due(RecordSink& sink, std::uint64_t now) {
  if (!sockets_.available() || now < next_) return;
  const std::uint64_t begin = cpu_ns();
  sockets_.begin(port_ranges());
  const bool whole = look();
  const SocketSample sample = sockets_.take(whole);
  const std::uint64_t cost = cpu_ns() - begin;
  const std::uint64_t costs = sample.run.sockets < kFew ? costs_.few : costs_.many;
  const std::uint64_t interval = std::max(kShortest, costs * (cost + telling_));
  next_ = now + interval;

  auto record = new_record<tw_sample>(now);
  record.cost_ns = cost;
  record.interval_ns = interval;
  record.sockets = sample.run.sockets;
  record.time_waits = sample.run.time_waits;
  record.strangers = sample.run.strangers;
  record.fin_waits = sample.run.fin_waits;
  record.partial = whole && sample.run.folded == 0 ? 0 : 1;
  sink.on_record(&record);
  tell_flows(sink, now, sample);
  tell_inbound(sink, now, sample);
  tell_leaks(sink, now, sample);
  tell_ports(sink, now, sample);
  telling_ = cpu_ns() - begin - cost;
}

void SocketSampling::tell_flows(RecordSink& sink, std::uint64_t now, const SocketSample& sample) {
  for (const auto& [key, count] : sample.flows) {
    auto record = new_record<tw_sockets>(now);
    record.key = key;
    record.active = count.active;
    record.idle = count.idle;
    record.waiting = count.waiting;
    record.time_waits = count.time_waits;
    record.fin_waits = count.fin_waits;
    record.waiting_ns = ns_of(count.waiting_since, sample);
    sink.on_record(&record);
  }
}

void SocketSampling::tell_inbound(RecordSink& sink, std::uint64_t now, const SocketSample& sample) {
  for (const auto& [key, count] : sample.flows) {
    if (count.slow == 0 && count.arrived == 0) continue;
    auto record = new_record<tw_inbound>(now);
    record.key = key;
    record.slow = count.slow;
    record.slow_ns = ns_of(count.slow_since, sample);
    record.arrived = count.arrived;
    record.cpu = count.cpu;
    record.on_cpu = (count.arrived + count.votes) / 2;
    sink.on_record(&record);
  }
}

void SocketSampling::tell_leaks(RecordSink& sink, std::uint64_t now, const SocketSample& sample) {
  for (const auto& [key, count] : sample.leaks) {
    auto record = new_record<tw_close_waits>(now);
    record.key = key;
    record.sockets = count.sockets;
    record.dated = count.dated;
    record.oldest_ns = ns_of(count.oldest, sample);
    record.oldest_peer = count.oldest_peer;
    record.oldest_dated = count.oldest_dated;
    std::ranges::copy(count.ages, record.ages);
    sink.on_record(&record);
  }
}

// One record a destination: the local address that uses most of its ports runs out first.
void SocketSampling::tell_ports(RecordSink& sink, std::uint64_t now, const SocketSample& sample) {
  std::map<tw_endpoint, tw_ports, EndpointLess> destinations;
  for (const auto& [key, count] : sample.ports) {
    tw_ports& record =
        destinations.try_emplace(key.destination, new_record<tw_ports>(now)).first->second;
    const NetSysctls* settings = facts_.settings_of(key.destination.netns);
    const auto available = settings ? settings->ports_available() : std::nullopt;
    const std::uint32_t reuse = settings ? settings->tcp_tw_reuse.value_or(0) : 0;
    record.destination = key.destination;
    record.available = available.value_or(TW_UNKNOWN);
    record.time_waits += count.time_waits;
    ++record.sources;
    if (record.sources > 1 && count.in_range <= record.used) continue;
    record.used = count.in_range;
    const bool may = reuse != kReuseLoopback || is_loopback(key.destination);
    record.reusable = may ? count.reusable : 0;
  }
  for (const auto& [destination, record] : destinations) sink.on_record(&record);
}

}  // namespace tcpwatch
