// SPDX-License-Identifier: Apache-2.0
//
// The latest record of every flow, listener, process, namespace and hook: what a reader needs that
// begins in the middle of a recording. A file or a window of it starts from such a state. One
// thread; holds what is alive, so as much as the tables of the kernel side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "capture/bytes.h"
#include "events/batch.h"

namespace tcpwatch {

class StateKeeper {
 public:
  // One record; stories, ticks and kinds that are not known leave no trace.
  void note(std::span<const std::byte> record);
  // All of it, record by record, in an order that does not depend on the past, as the state at
  // `now`.
  void tell(std::uint64_t now, const std::function<void(std::span<const std::byte>)>& take) const;

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, Bytes> latest_;  // by kind and key
  RecordBatch sample_parts_;  // of the last look through the socket table, as they came
};

}  // namespace tcpwatch
