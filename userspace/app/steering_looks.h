// SPDX-License-Identifier: Apache-2.0
//
// Where packets of a namespace are steered, asked only while the looks through the socket table say
// that one CPU takes in nearly all of its connections. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "events/record.h"
#include "host/netns_find.h"

namespace tcpwatch {

class SteeringLooks {
 public:
  // A new look through the socket table begins, and its parts.
  void on_sample() { arrivals_.clear(); }
  void on_inbound(const tw_inbound& record);

  void tell(RecordSink& sink, const std::vector<NetnsRef>& known, std::uint64_t now) const;

 private:
  struct Arrived {
    std::uint64_t all = 0;
    std::map<std::uint32_t, std::uint64_t> on_cpu;
  };
  std::map<std::uint32_t, Arrived> arrivals_;  // by namespace
};

}  // namespace tcpwatch
