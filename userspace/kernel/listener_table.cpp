// SPDX-License-Identifier: Apache-2.0
#include "kernel/listener_table.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <algorithm>
#include <cstring>

#include "events/batch.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kSlotsPerRun = 32;  // as SLOTS_PER_RUN in bpf/accept_queue.bpf.c

// All accepts of a listener, whoever made them: what came in, less what waits.
std::uint64_t accepts_of(const tw_listener& listener) {
  const std::uint64_t in = listener.children + listener.queue_at_start;
  const std::uint64_t not_out = listener.aborted + listener.queue_now;
  return in > not_out ? in - not_out : 0;
}

}  // namespace

Result<ListenerTable> ListenerTable::open(const BpfObjects& objects, std::uint32_t slots) {
  ListenerTable table;
  table.listeners_ = MappedArray<tw_listener>(objects.map_fd("listeners"), slots);
  if (!table.listeners_.reach(1))
    return Error{ErrorKind::kCannotTell, "cannot map the listeners", ""};
  table.free_fd_ = objects.map_fd("free_listeners");
  table.seen_.resize(1);
  for (std::uint32_t slot = 1; slot < slots; ++slot)
    bpf_map_update_elem(table.free_fd_, nullptr, &slot, BPF_ANY);
  return table;
}

void ListenerTable::find_new_slots() {
  while (listeners_.reach(seen_.size() + 1) && listeners_[seen_.size()].sk != 0)
    seen_.emplace_back();
}

void ListenerTable::refresh() {
  if (program_fd_ < 0) return;
  for (std::uint64_t first = 0; first < seen_.size(); first += kSlotsPerRun) {
    LIBBPF_OPTS(bpf_test_run_opts, run);
    run.ctx_in = &first;
    run.ctx_size_in = sizeof(first);
    bpf_prog_test_run_opts(program_fd_, &run);
  }
}

void ListenerTable::tell(RecordSink& sink, std::uint32_t slot, std::uint64_t now) {
  auto record = new_record<tw_listener_record>(now);
  record.slot = slot;
  // The peak is the interval's: taken and set back in one step, so that no arrival is lost.
  const std::uint32_t peak =
      __atomic_exchange_n(&listeners_[slot].queue_peak, 0U, __ATOMIC_RELAXED);
  std::memcpy(&record.listener, &listeners_[slot], sizeof(tw_listener));
  record.listener.queue_peak = std::max(peak, record.listener.queue_now);
  sink.on_record(&record);
}

void ListenerTable::give_back(std::uint32_t slot) {
  std::memset(&listeners_[slot], 0, sizeof(tw_listener));
  seen_[slot] = {};
  bpf_map_update_elem(free_fd_, nullptr, &slot, BPF_ANY);
}

void ListenerTable::read(RecordSink& sink, std::uint64_t now) {
  find_new_slots();
  refresh();
  flows_in_use_.clear();
  unattributed_ = 0;
  for (std::uint32_t slot = 1; slot < seen_.size(); ++slot) {
    const tw_listener& listener = listeners_[slot];
    if (listener.sk == 0) continue;
    // A read apart: sockets that died with the listener may still have referred to its slot.
    if (seen_[slot].told_closed) {
      const tw_gone gone = new_gone(now, TW_KIND_LISTENER_GONE, slot);
      sink.on_record(&gone);
      give_back(slot);
      continue;
    }
    const bool closed = listener.closed != 0;
    tell(sink, slot, now);
    seen_[slot].told_closed = closed;
    flows_in_use_.insert({listener.flow_listen, listener.flow_queue});
    const std::uint64_t accepts = accepts_of(listener);
    if (!closed && accepts > listener.accepts) unattributed_ += accepts - listener.accepts;
  }
}

const tw_listener* ListenerTable::find(std::uint32_t netns) {
  find_new_slots();
  refresh();
  for (std::uint32_t slot = 1; slot < seen_.size(); ++slot)
    if (listeners_[slot].sk != 0 && listeners_[slot].address.netns == netns)
      return &listeners_[slot];
  return nullptr;
}

void ListenerTable::drop_netns(std::uint32_t netns) {
  find_new_slots();
  for (std::uint32_t slot = 1; slot < seen_.size(); ++slot)
    if (listeners_[slot].sk != 0 && listeners_[slot].address.netns == netns) give_back(slot);
}

}  // namespace tcpwatch
