// SPDX-License-Identifier: Apache-2.0
//
// A destination that never answers a SYN, on loopback alone and on every kernel: no RST, no ICMP,
// no listener whose drop counters would move. Lives as long as the object.
#pragma once

#include "kernel/workload/address.h"
#include "kernel/workload/netns.h"

namespace tcpwatch::workload {

class Blackhole {
 public:
  Blackhole(const Netns& netns, Family family);
  const Address& destination() const { return destination_; }

 private:
  Address destination_;
  Fd anycast_;
};

}  // namespace tcpwatch::workload
