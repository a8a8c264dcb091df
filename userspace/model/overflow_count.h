// SPDX-License-Identifier: Apache-2.0
//
// Drops of one listener by stage. Where a hook counts refused SYNs, they are taken as counted.
// Where none can be hooked they follow from the listener's sk_drops: all its drops, less those of
// the handshake's last packet (which a hook counts), less those that were no overflow. Of the last
// only the sum over a namespace is known (ListenDrops - ListenOverflows): while that is 0, the
// result is exact; else it is shared out among the listeners and is an estimate. Totals never fall.
#pragma once

#include <cstdint>

#include "model/snapshot.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

class OverflowCount {
 public:
  void on_listener(const tw_listener& listener);

  // Drops of this interval that no hook has explained.
  std::uint64_t unexplained(bool polled) const;

  std::uint64_t acks() const { return now_.ack - before_.ack; }

  // Ends the interval. `others` of the unexplained drops were no overflow; `exact`: that is sure.
  void settle(bool polled, std::uint64_t others, bool exact, Listener& out);

 private:
  struct Counts {
    std::uint64_t drops = 0;  // all, since tcpwatch saw the listener first
    std::uint64_t syn = 0;    // as hooked
    std::uint64_t ack = 0;
  };

  bool known_ = false;
  std::uint32_t last_drops_ = 0;  // the kernel's counter, which may wrap
  Counts now_;
  Counts before_;
  std::uint64_t others_ = 0;
};

}  // namespace tcpwatch
