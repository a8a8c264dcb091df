// SPDX-License-Identifier: Apache-2.0
#include "app/activity_looks.h"

#include <algorithm>
#include <cstring>

#include "base/worker.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostWanted = 64;
constexpr std::size_t kMostChildren = 64;    // of one process
constexpr std::size_t kMostSlots = 1 << 16;  // of flows

bool same(const tw_endpoint& a, const tw_endpoint& b) { return std::memcmp(&a, &b, sizeof a) == 0; }

}  // namespace

void ActivityLooks::on_listener(const tw_listener_record& record) {
  const tw_listener& listener = record.listener;
  const std::uint64_t overflows = listener.overflows_syn + listener.overflows_ack + listener.drops;
  const auto [known, fresh] = overflows_.try_emplace(record.slot, overflows);
  const bool drops = overflows > known->second;
  known->second = overflows;
  if (listener.closed == 0 && (listener.queue_now != 0 || drops))
    pressed_.emplace_back(listener.address, listener.owner);
}

void ActivityLooks::on_flow(const tw_flow_record& record) {
  if (record.slot >= kMostSlots) return;
  const tw_flow_key& key = record.flow.key;
  if (key.role == TW_ROLE_IN && acceptors_.size() <= record.slot)
    acceptors_.resize(record.slot + std::size_t{1});
  if (record.slot < acceptors_.size())
    acceptors_[record.slot] = key.role == TW_ROLE_IN ? Acceptor{key.peer, key.worker} : Acceptor{};
}

void ActivityLooks::on_gone(const tw_gone& record) {
  if (record.header.kind == TW_KIND_LISTENER_GONE)
    overflows_.erase(record.slot);
  else if (record.slot < acceptors_.size())
    acceptors_[record.slot] = {};
}

std::vector<std::uint32_t> ActivityLooks::wanted() const {
  std::vector<std::uint32_t> pids;
  const auto add = [&](tw_worker worker) {
    const std::uint32_t pid = worker_pid(worker);
    if (pid != 0 && pids.size() < kMostWanted && std::ranges::count(pids, pid) == 0)
      pids.push_back(pid);
  };
  for (const auto& [address, owner] : pressed_) {
    add(owner);
    for (const Acceptor& acceptor : acceptors_)
      if (acceptor.worker != 0 && same(acceptor.address, address)) add(acceptor.worker);
  }
  return pids;
}

bool ActivityLooks::accepts(std::uint32_t pid) const {
  return std::ranges::any_of(acceptors_,
                             [&](const Acceptor& one) { return worker_pid(one.worker) == pid; });
}

// Null: there is no such process.
tw_activity* ActivityLooks::look(std::uint32_t pid, std::uint64_t now) {
  if (const auto known = looked_.find(pid); known != looked_.end()) return &known->second;
  const auto seen = reader_.look(pid, now);
  return seen ? &looked_.emplace(pid, *seen).first->second : nullptr;
}

void ActivityLooks::tell(RecordSink& sink, std::uint64_t now) {
  const auto pids = wanted();
  pressed_.clear();
  deputies_.clear();
  if (pids.empty()) return;
  for (const std::uint32_t pid : pids) {
    if (!look(pid, now)) continue;
    const std::string name = reader_.name_of(pid);
    auto children = children_of(pid);
    if (children.size() > kMostChildren) children.resize(kMostChildren);
    const bool deputise = !children.empty() && !accepts(pid);
    for (const std::uint32_t child : children) {
      tw_activity* its = look(child, now);
      if (!its || reader_.name_of(child) != name) continue;
      its->parent = pid;
      if (deputise) deputies_.push_back(child);
    }
  }
  for (const auto& [pid, seen] : looked_)
    if (seen.parent != 0 || std::ranges::count(pids, pid) != 0) sink.on_record(&seen);
  looked_.clear();
  reader_.forget(now);
}

}  // namespace tcpwatch
