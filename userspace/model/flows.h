// SPDX-License-Identifier: Apache-2.0
//
// The flows of the kernel by slot, and what each had counted when it was last heard of. A slot
// whose key changed, or whose counters fell, holds another flow than before, even where the record
// that it was given back is missing. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/counter_memory.h"
#include "model/ledger.h"

namespace tcpwatch {

class Flows {
 public:
  Flows(std::size_t slots, Ledger& ledger) : slots_(slots), ledger_(ledger) {}

  void on_flow(const tw_flow_record& record);
  void on_gone(const tw_gone& record);

  std::size_t size() const { return used_; }

 private:
  struct Flow {
    tw_flow_key key{};
    CounterMemory last;
    Account account;
  };

  Flow& flow_in(const tw_flow_record& record);
  void retire(std::uint32_t slot, std::uint64_t now);
  bool advance(Flow& flow, const tw_flow_record& record);

  std::size_t slots_;
  Ledger& ledger_;
  std::vector<std::unique_ptr<Flow>> flows_;  // as long as the highest slot seen
  std::size_t used_ = 0;
  std::vector<CounterValue> grown_;  // reused
  Gain gain_;                        // reused
};

}  // namespace tcpwatch
