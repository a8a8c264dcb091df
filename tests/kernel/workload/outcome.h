// SPDX-License-Identifier: Apache-2.0
//
// What a scenario hands to the test: its processes, still alive and parked, and what the kernel's
// own counters of that namespace said. The scenario has ended in a quiet state when it returns.
// release() lets the processes exit (what they left open is closed then) and renews the counters.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kernel/workload/netns.h"
#include "kernel/workload/party.h"

namespace tcpwatch::workload {

struct Outcome {
  explicit Outcome(const Netns& where);
  Outcome(Outcome&&) = default;

  std::string unavailable;  // why this kernel cannot make the scenario; empty: it was made
  const Netns* netns;       // must outlive the outcome
  std::vector<Party> parties;
  Counters before;
  Counters delta;                              // since before
  std::map<std::string, std::uint64_t> extra;  // facts of one scenario, named in its header

  Party& party(const std::string& role);  // throws if there is none
  Party& add(Party party);                // hands back the one in the vector
  std::vector<Party*> workers();          // roles "worker 0", "worker 1", …
  std::vector<const Party*> all() const;
  Counts total() const;                               // over all parties
  std::uint64_t fact(const std::string& name) const;  // throws if there is none
  void settle();                                      // waits until quiet, renews delta
  void release();                                     // last started first; then settle()
};

}  // namespace tcpwatch::workload
