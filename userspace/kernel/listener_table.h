// SPDX-License-Identifier: Apache-2.0
//
// Reads the listeners: asks the kernel side to refresh queue lengths, limits and drops, tells what
// changed, and gives closed slots back.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "events/record.h"
#include "kernel/bpf_objects.h"
#include "kernel/mapped_array.h"

namespace tcpwatch {

class ListenerTable {
 public:
  static Result<ListenerTable> open(const BpfObjects& objects, std::uint32_t slots);

  // The program that refreshes the slots; without one only arrivals tell of a queue's length.
  void read_with(int program_fd) { program_fd_ = program_fd; }

  void read(RecordSink& sink, std::uint64_t now);

  // Flow slots that open listeners refer to.
  const std::set<std::uint32_t>& flows_in_use() const { return flows_in_use_; }
  // Accepted connections that no hook has given a worker yet.
  std::uint64_t unattributed() const { return unattributed_; }
  // A listener of one network namespace, as it is now; null: there is none.
  const tw_listener* find(std::uint32_t netns);
  // Gives back all slots of the self-test's namespace.
  void drop_netns(std::uint32_t netns);

 private:
  struct Seen {
    bool told_closed = false;
  };

  void refresh();
  void tell(RecordSink& sink, std::uint32_t slot, std::uint64_t now);
  void give_back(std::uint32_t slot);
  void find_new_slots();

  MappedArray<tw_listener> listeners_;
  int free_fd_ = -1;
  int program_fd_ = -1;
  std::vector<Seen> seen_;
  std::set<std::uint32_t> flows_in_use_;
  std::uint64_t unattributed_ = 0;
};

}  // namespace tcpwatch
