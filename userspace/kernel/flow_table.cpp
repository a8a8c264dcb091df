// SPDX-License-Identifier: Apache-2.0
#include "kernel/flow_table.h"

#include <bpf/bpf.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "base/worker.h"
#include "events/batch.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kQuietGone = 2 * kSecond;  // worker dead, no sockets
constexpr std::uint64_t kQuietUnknown =
    90 * kSecond;                                    // the same, while a TIME_WAIT may refer to it
constexpr std::uint64_t kQuietIdle = 600 * kSecond;  // worker alive, but this peer long unused

template <typename Numbers>
std::uint64_t sum_of(const Numbers& numbers) {
  return std::accumulate(std::begin(numbers), std::end(numbers), std::uint64_t{0});
}

std::uint64_t checksum(const tw_flow& flow, const tw_flow_counts& counts) {
  return counts.attempts + counts.accepts + sum_of(flow.failures) + sum_of(counts.steps) +
         sum_of(flow.sum_ns);
}

// Sockets of a flow that are in any state but CLOSE: what came in minus what went.
std::int64_t live_sockets(const tw_flow_counts& counts) {
  std::int64_t live = 0;
#define TW_BALANCE(from, to)                                              \
  live += ((TW_##to != TW_OUTSIDE && TW_##to != TW_CLOSE) ? 1 : 0) *      \
          static_cast<std::int64_t>(counts.steps[TW_STEP_##from##_##to]); \
  live -= ((TW_##from != TW_OUTSIDE && TW_##from != TW_CLOSE) ? 1 : 0) *  \
          (TW_##from == TW_LISTEN && TW_##to == TW_SYN_RECV ? 0 : 1) *    \
          static_cast<std::int64_t>(counts.steps[TW_STEP_##from##_##to]);
  TW_STEPS(TW_BALANCE)
#undef TW_BALANCE
  return live;
}

bool process_gone(tw_worker worker) {
  return worker != 0 && ::kill(static_cast<pid_t>(worker_pid(worker)), 0) != 0 && errno == ESRCH;
}

}  // namespace

Result<FlowTable> FlowTable::open(const BpfObjects& objects, const TableSizes& sizes) {
  FlowTable table;
  table.lanes_ = sizes.lanes;
  table.flows_ = MappedArray<tw_flow>(objects.map_fd("flows"), sizes.flows);
  table.counts_ =
      MappedArray<tw_flow_counts>(objects.map_fd("flow_counts"), sizes.flows * sizes.lanes);
  if (!table.flows_.reach(1) || !table.counts_.reach(table.lanes_))
    return Error{ErrorKind::kCannotTell, "cannot map the flow counters", ""};
  table.index_fd_ = objects.map_fd("flow_index");
  table.free_fd_ = objects.map_fd("free_flows");
  table.seen_.resize(1);
  table.flows_[0].key.role = TW_ROLE_OTHER;  // slot 0: whatever finds no slot
  for (std::uint32_t slot = 1; slot < sizes.flows; ++slot)
    bpf_map_update_elem(table.free_fd_, nullptr, &slot, BPF_ANY);
  return table;
}

// Slots are first handed out in ascending order: looking one further is enough, and leaves the
// pages of unused ones alone.
void FlowTable::find_new_slots() {
  while (flows_.reach(seen_.size() + 1) && flows_[seen_.size()].key.role != 0 &&
         counts_.reach((seen_.size() + 1) * lanes_))
    seen_.emplace_back();
}

tw_flow_counts FlowTable::counts(std::uint32_t slot) {
  tw_flow_counts sum{};
  for (std::uint32_t lane = 0; lane < lanes_; ++lane) {
    const tw_flow_counts& part = counts_[slot * lanes_ + lane];
    for (std::size_t step = 0; step < TW_STEP_COUNT; ++step) sum.steps[step] += part.steps[step];
    sum.attempts += part.attempts;
    sum.accepts += part.accepts;
  }
  return sum;
}

void FlowTable::copy(std::uint32_t slot, const tw_flow_counts& counts, tw_flow& to) {
  std::memcpy(&to, &flows_[slot], sizeof(tw_flow));
  std::ranges::copy(counts.steps, to.steps);
  to.attempts = counts.attempts;
  to.accepts = counts.accepts;
}

void FlowTable::tell(RecordSink& sink, std::uint32_t slot, const tw_flow_counts& counts,
                     std::uint64_t now) {
  record_ = new_record<tw_flow_record>(now);
  record_.slot = slot;
  copy(slot, counts, record_.flow);
  sink.on_record(&record_);
  seen_[slot].told = true;
}

void FlowTable::give_back(std::uint32_t slot) {
  std::memset(&flows_[slot], 0, sizeof(tw_flow));
  std::memset(&counts_[slot * lanes_], 0, lanes_ * sizeof(tw_flow_counts));
  seen_[slot] = {};
  bpf_map_update_elem(free_fd_, nullptr, &slot, BPF_ANY);
}

// Two steps, a read apart, so that a program which still held the slot is done with it.
void FlowTable::retire(RecordSink& sink, std::uint32_t slot, std::uint64_t now) {
  Seen& seen = seen_[slot];
  if (!seen.leaving) {
    bpf_map_delete_elem(index_fd_, &flows_[slot].key);
    seen.leaving = true;
    return;
  }
  const tw_gone gone = new_gone(now, TW_KIND_FLOW_GONE, slot);
  sink.on_record(&gone);
  give_back(slot);
}

void FlowTable::read(RecordSink& sink, std::uint64_t now, const std::set<std::uint32_t>& pinned,
                     std::uint64_t known_until) {
  find_new_slots();
  for (std::uint32_t slot = 0; slot < seen_.size(); ++slot) {
    tw_flow& flow = flows_[slot];
    Seen& seen = seen_[slot];
    if (flow.key.role == 0) continue;
    const tw_flow_counts counted = counts(slot);
    const std::uint64_t sum = checksum(flow, counted);
    if (sum != seen.sum || !seen.told) {
      seen.sum = sum;
      seen.changed_ns = now;
      tell(sink, slot, counted, now);
      continue;
    }
    const std::uint64_t quiet = now - seen.changed_ns;
    const bool known = known_until > seen.changed_ns;
    if (slot == 0 || quiet < (known ? kQuietGone : kQuietUnknown) || live_sockets(counted) > 0 ||
        pinned.contains(slot))
      continue;
    if (seen.leaving || quiet >= kQuietIdle || process_gone(flow.key.worker))
      retire(sink, slot, now);
  }
}

std::vector<tw_flow> FlowTable::find_all(std::uint32_t netns, tw_role role) {
  find_new_slots();
  std::vector<tw_flow> found;
  for (std::uint32_t slot = 1; slot < seen_.size(); ++slot)
    if (flows_[slot].key.peer.netns == netns && flows_[slot].key.role == role)
      copy(slot, counts(slot), found.emplace_back());
  return found;
}

void FlowTable::drop_netns(std::uint32_t netns) {
  find_new_slots();
  for (std::uint32_t slot = 1; slot < seen_.size(); ++slot) {
    if (flows_[slot].key.role == 0 || flows_[slot].key.peer.netns != netns) continue;
    bpf_map_delete_elem(index_fd_, &flows_[slot].key);
    give_back(slot);
  }
}

}  // namespace tcpwatch
