// SPDX-License-Identifier: Apache-2.0
//
// Expectations that several kernel tests share: what holds on every kernel, whatever was denied.
#pragma once

#include <gtest/gtest.h>

#include "kernel/support/watch.h"

namespace tcpwatch::test {

// Sockets in a state are what went in less what came out: a lost step shows as a negative number.
inline void expect_nothing_negative(const Snapshot& snapshot) {
  const auto check = [](const States& states, const std::string& whose) {
    for (std::size_t state = 0; state < states.size(); ++state)
      EXPECT_GE(states[state], 0) << whose << ", state " << state;
  };
  check(snapshot.states, "total");
  for (const Worker& worker : snapshot.workers) check(worker.states, worker.comm);
  for (const Destination& destination : snapshot.destinations)
    check(destination.states, destination.address);
}

inline void expect_no_sockets(const States& states, const std::string& whose) {
  for (std::size_t state = 0; state < states.size(); ++state)
    EXPECT_EQ(states[state], 0) << whose << ", state " << state;
}

// A worker's accepts and closes need a hook in accept(), or the sweep; without either only what
// close() told is known: then the number may be too small, but is never invented.
inline void expect_attributed(const Watch& watch, std::uint64_t counted, std::uint64_t truth,
                              const std::string& what) {
  if (watch.hook("accepts") && watch.hook("owners")) {
    EXPECT_EQ(counted, truth) << what;
  } else {
    EXPECT_LE(counted, truth) << what;
  }
}

}  // namespace tcpwatch::test
