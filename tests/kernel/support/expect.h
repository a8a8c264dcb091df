// SPDX-License-Identifier: Apache-2.0
//
// Expectations that several kernel tests share: what holds on every kernel, whatever was denied.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

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

// Steps that the kernel skipped for good, by tcpwatch's own account: never more may be missing.
// Where it says nothing, nothing.
inline std::uint64_t missed(const Watch& watch) {
  const HookChoice* states = watch.hook("states");
  return states ? states->skipped : 0;
}

// Sockets that a program left to the kernel. Most become a remnant at the peer's ACK; the one whose
// ACK came while close() still held it (or whose tcp_fin_timeout is long) stays whole.
inline States left_in(const workload::Netns& netns) {
  States left{};
  left[TW_FIN_WAIT2] = static_cast<std::int64_t>(netns.sockets().whole_fin_waits());
  return left;
}

inline std::uint64_t sockets_but(const States& states, const States& but) {
  std::uint64_t left = 0;
  for (std::size_t state = 0; state < states.size(); ++state)
    left += static_cast<std::uint64_t>(std::abs(states[state] - but[state]));
  return left;
}

inline bool has_no_sockets(const Watch& watch, pid_t pid, const States& but = {}) {
  const Worker* worker = watch.worker(pid);
  return !worker || sockets_but(worker->states, but) <= missed(watch);
}

// The last segments may be on their way still when the programs are done.
inline void look_until_gone(Watch& watch, pid_t pid) {
  watch.look_until([&] { return has_no_sockets(watch, pid); });
}

inline void expect_no_sockets(const Watch& watch, const States& states, const std::string& whose,
                              const States& but = {}) {
  for (std::size_t state = 0; state < states.size() && missed(watch) == 0; ++state)
    EXPECT_EQ(states[state], but[state]) << whose << ", state " << state;
  EXPECT_LE(sockets_but(states, but), missed(watch)) << whose;
}

// Never more than the truth, and less only by what the kernel skipped.
inline void expect_counted(const Watch& watch, std::uint64_t counted, std::uint64_t truth,
                           const std::string& what) {
  EXPECT_LE(counted, truth) << what;
  EXPECT_GE(counted + missed(watch), truth) << what;
}

// A worker's accepts and closes need a hook in accept(), or the sweep; without either only what
// close() told is known: then the number may be too small, but is never invented.
inline void expect_attributed(const Watch& watch, std::uint64_t counted, std::uint64_t truth,
                              const std::string& what) {
  if (watch.hook("accepts") && watch.hook("owners")) {
    expect_counted(watch, counted, truth, what);
  } else {
    EXPECT_LE(counted, truth) << what;
  }
}

}  // namespace tcpwatch::test
