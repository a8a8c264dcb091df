// SPDX-License-Identifier: Apache-2.0
//
// Drops of one listener by stage. Where a hook counts refused SYNs, they are taken as counted.
// Where none can be hooked, its sk_drops tell all its drops, and the hook of the last ACK explains
// some of them; which of the others were overflows is decided for the whole namespace
// (listeners_drops.cpp). A drop stays open for one interval more, since counters are not read at
// one moment. Totals never fall.
#pragma once

#include <cstdint>

#include "model/snapshot.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

class OverflowCount {
 public:
  void on_listener(const tw_listener& listener);

  // Drops that no hook has explained: of this interval, and with those of the last one that were
  // found to be no overflow then.
  std::uint64_t unexplained(bool polled) const;
  std::uint64_t open(bool polled) const { return recent_ + unexplained(polled); }
  // Overflows at the last ACK in this interval, as hooked.
  std::uint64_t acks() const { return now_.ack - before_.ack; }

  // Ends the interval. Polled: so many of the open drops were refused SYNs; `exact`: that is sure.
  void settle_polled(std::uint64_t refused, bool exact, Listener& out);
  void settle_hooked(Listener& out);

 private:
  struct Counts {
    std::uint64_t drops = 0;  // all, since tcpwatch saw the listener first
    std::uint64_t syn = 0;    // as hooked
    std::uint64_t ack = 0;
  };

  void settle(bool polled, std::uint64_t syn, std::uint64_t others, Listener& out);

  bool known_ = false;
  std::uint32_t last_drops_ = 0;  // the kernel's counter, which may wrap
  Counts now_;
  Counts before_;
  std::uint64_t settled_ = 0;  // unexplained drops up to the last tick
  std::uint64_t recent_ = 0;   // of the last interval, taken for no overflows
};

}  // namespace tcpwatch
