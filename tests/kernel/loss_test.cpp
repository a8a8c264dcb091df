// SPDX-License-Identifier: Apache-2.0
//
// Stories may be lost, never silently: with a ring buffer that is far too small, and nobody who
// reads it, what was seen and what is told as lost is exactly what happened.
#include <numeric>

#include "kernel/support/expect.h"
#include "kernel/workload/churn.h"

namespace tcpwatch::test {
namespace {

// What makes a story each. accept() makes none, but takes a connection out of the listener's counts
// and into the worker's: two steps that no socket takes.
std::uint64_t steps_of(const Snapshot& snapshot) {
  const auto& steps = snapshot.steps_total;
  return std::accumulate(steps.begin(), steps.end(), std::uint64_t{0}) - 2 * snapshot.total.accepts;
}

TEST(Loss, SeenAndLostAreExactlyWhatHappened) {
  const workload::Netns netns;
  TracerOptions options{.detail = TW_DETAIL_TRANSITIONS, .denied = denied_by_environment()};
  options.sizes.ring_bytes = 1 << 16;
  Watch watch(options);
  workload::Churn churn(netns, {.connections = 2000, .spread = false});
  const Snapshot before = watch.look();
  const std::uint64_t seen_before = watch.steps.size();
  churn.run();
  // Others' sockets take their steps meanwhile, and are counted like ours; after a look without
  // any, counters and stories are of one moment.
  Snapshot after = watch.look();
  for (std::uint64_t counted = 0; counted != steps_of(after); after = watch.look())
    counted = steps_of(after);
  const std::uint64_t happened = steps_of(after) - steps_of(before);
  const std::uint64_t seen = watch.steps.size() - seen_before;
  const std::uint64_t lost = after.lost_total.events - before.lost_total.events;
  EXPECT_GE(happened, 20'000U) << "ten steps of each connection";
  EXPECT_GT(lost, 10'000U) << "the ring holds some hundred";
  EXPECT_GT(seen, 100U);
  if (watch.exact("states") && watch.exact("accepts"))
    EXPECT_EQ(seen + lost, happened);
  else
    EXPECT_GE(seen + lost, 20'000U) << "no count to compare with, but ours are among them";
}

}  // namespace
}  // namespace tcpwatch::test
