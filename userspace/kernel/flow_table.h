// SPDX-License-Identifier: Apache-2.0
//
// Reads the kernel's flow counters and keeps their slots in circulation: a flow of a worker that is
// gone (or idle for long), without sockets, is told as gone and its slot given back.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "events/record.h"
#include "kernel/bpf_objects.h"
#include "kernel/mapped_array.h"
#include "tcpwatch/flow_counts.h"

namespace tcpwatch {

class FlowTable {
 public:
  static Result<FlowTable> open(const BpfObjects& objects, const TableSizes& sizes);

  // Sends a record for each flow that changed. `pinned` are slots that something still refers to,
  // as far as it began to before `known_until`.
  void read(RecordSink& sink, std::uint64_t now, const std::set<std::uint32_t>& pinned,
            std::uint64_t known_until);

  // Slots known at the last read, and whose each of them is; role 0: nobody's.
  std::size_t size() const { return seen_.size(); }
  const tw_flow_key& key(std::uint32_t slot) { return flows_[slot].key; }

  // All flows of a role in one network namespace.
  std::vector<tw_flow> find_all(std::uint32_t netns, tw_role role);

  // Forgets all flows of one network namespace (the self-test's) without telling anyone.
  void drop_netns(std::uint32_t netns);

 private:
  // What is remembered of a slot between two reads.
  struct Seen {
    std::uint64_t sum = 0;         // of all counters: differs when any moved
    std::uint64_t changed_ns = 0;  // when it last did
    bool told = false;
    bool leaving = false;  // out of the index; given back at the next read if still quiet
  };

  void tell(RecordSink& sink, std::uint32_t slot, const tw_flow_counts& counts, std::uint64_t now);
  void retire(RecordSink& sink, std::uint32_t slot, std::uint64_t now);
  void give_back(std::uint32_t slot);
  void find_new_slots();
  // What the kernel counts by CPU, added up.
  tw_flow_counts counts(std::uint32_t slot);
  void copy(std::uint32_t slot, const tw_flow_counts& counts, tw_flow& to);

  MappedArray<tw_flow> flows_;
  MappedArray<tw_flow_counts> counts_;  // by slot and lane
  std::uint32_t lanes_ = 1;
  int index_fd_ = -1;
  int free_fd_ = -1;
  std::vector<Seen> seen_;   // by slot, up to the highest ever used
  tw_flow_record record_{};  // reused: too large for the stack of a small thread
};

}  // namespace tcpwatch
