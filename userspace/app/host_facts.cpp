// SPDX-License-Identifier: Apache-2.0
#include "app/host_facts.h"

#include <algorithm>

#include "base/worker.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kDiscoverEvery = 30 * kSecond;
constexpr std::size_t kRefreshed =
    64;  // known workers per tick, some 15 us each: a thousandth of a core
constexpr std::size_t kMostWorkers = 8192;

}  // namespace

void HostFacts::on_record(const Record& record) {
  if (const auto* const* flow = std::get_if<const tw_flow_record*>(&record)) {
    meet((*flow)->flow.key.worker, (*flow)->flow.key.peer.netns);
    activities_.on_flow(**flow);
  } else if (const auto* const* gone = std::get_if<const tw_gone*>(&record)) {
    activities_.on_gone(**gone);
  } else if (std::holds_alternative<const tw_sample*>(record)) {
    steering_.on_sample();
  } else if (const auto* const* inbound = std::get_if<const tw_inbound*>(&record)) {
    steering_.on_inbound(**inbound);
  } else if (const auto* const* listener = std::get_if<const tw_listener_record*>(&record)) {
    meet((*listener)->listener.owner, (*listener)->listener.address.netns);
    activities_.on_listener(**listener);
    tw_listener_record known = **listener;
    const NetSysctls* settings = settings_of(known.listener.address.netns);
    known.somaxconn = settings ? settings->somaxconn.value_or(0) : 0;
    next_.on_record(&known);
    return;
  }
  next_.on_record(record);
}

void HostFacts::meet(tw_worker worker, std::uint32_t netns) {
  if (worker != 0 && workers_.size() < kMostWorkers) workers_.try_emplace(worker);
  if (netns == 0) return;
  if (met_.size() < kMaxNamespaces) met_.insert(netns);
  stranger_ |= !knows(netns);
}

bool HostFacts::knows(std::uint32_t netns) const {
  return std::ranges::any_of(namespaces_.known(),
                             [&](const NetnsRef& ref) { return ref.inode == netns; });
}

const NetSysctls* HostFacts::settings_of(std::uint32_t netns) {
  if (const auto found = settings_.find(netns); found != settings_.end()) return &found->second;
  for (const NetnsRef& ref : namespaces_.known()) {
    if (ref.inode != netns) continue;
    if (const auto settings = read_net_sysctls(ref)) return &(settings_[netns] = *settings);
  }
  return nullptr;
}

void HostFacts::tell_namespaces(std::uint64_t now) {
  if (now >= next_discovery_ || (stranger_ && now + kDiscoverEvery >= next_discovery_ + kSecond)) {
    namespaces_.discover();
    next_discovery_ = now + kDiscoverEvery;
    stranger_ = false;
    std::erase_if(met_, [&](std::uint32_t netns) { return !knows(netns); });
    settings_.clear();  // settings change, and inode numbers come again
  }
  batch_.clear();
  namespaces_.read(batch_, now);
  batch_.for_each([&](const Record& record) {
    if (const auto* const* conntrack = std::get_if<const tw_conntrack*>(&record))
      tell_conntrack(**conntrack);
    else
      next_.on_record(record);
  });
}

void HostFacts::tell_conntrack(tw_conntrack record) {
  const NetSysctls* settings = settings_of(record.netns);
  if (!settings || !settings->conntrack_max) return;
  record.max = *settings->conntrack_max;
  next_.on_record(&record);
}

// Who has not accepted anything yet is a worker all the same, and may be the one in trouble.
void HostFacts::meet_deputy(std::uint32_t pid, std::uint64_t now) {
  const auto known = workers_.lower_bound(make_worker(pid, 0));
  const bool met = known != workers_.end() && worker_pid(known->first) == pid;
  if (met || workers_.size() >= kMostWorkers) return;
  const auto process = processes_.read(pid, now);
  if (!process || !process->alive) return;
  workers_[process->worker] = *process;
  next_.on_record(&*process);
}

void HostFacts::tell_activities(std::uint64_t now) {
  activities_.tell(next_, now);
  for (const std::uint32_t pid : activities_.deputies()) meet_deputy(pid, now);
}

void HostFacts::tell_workers(std::uint64_t now) {
  std::size_t budget = std::min(kRefreshed, workers_.size());
  auto at = workers_.upper_bound(refreshed_);
  for (auto& [worker, process] : workers_) {
    if (process.worker != 0) continue;
    process = processes_.read_worker(worker, now);
    next_.on_record(&process);
  }
  while (budget-- > 0 && !workers_.empty()) {
    if (at == workers_.end()) at = workers_.begin();
    refreshed_ = at->first;
    processes_.refresh(at->second, now);
    next_.on_record(&at->second);
    at = at->second.alive ? std::next(at) : workers_.erase(at);
  }
}

}  // namespace tcpwatch
