// SPDX-License-Identifier: Apache-2.0
//
// How long connections waited in the accept queue, against the program's own clock.
#include <algorithm>
#include <numeric>

#include "kernel/support/expect.h"
#include "kernel/workload/lasting.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

class Waiting : public testing::TestWithParam<Family> {};

TEST_P(Waiting, IsWhatTheProgramMeasured) {
  constexpr std::size_t kConnections = 5;
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  AcceptWait scenario(netns, GetParam(), kConnections);
  const pid_t pid = scenario.outcome.party("server").pid();
  const std::string address = scenario.outcome.party("server").listener.text();
  watch.look_until([&] {
    const Listener* listener = watch.listener(address, netns.inode());
    return listener && listener->queue_now >= kConnections;
  });
  const Listener* waiting = watch.listener(address, netns.inode());
  ASSERT_TRUE(waiting);
  EXPECT_EQ(waiting->queue_now, kConnections);
  EXPECT_EQ(waiting->accepts_total, 0U);

  const Deadline end(20 * kMillisecond);
  wait_until("20 ms", [&] { return end.over(); });
  scenario.accept_all();
  watch.look();
  const Worker* worker = watch.worker(pid);
  ASSERT_TRUE(worker);
  EXPECT_EQ(worker->total.accepts, kConnections);
  const Histogram& waits = worker->total.accept_wait;
  if (!watch.hook("accepts")) {
    EXPECT_EQ(waits.count(), 0U) << "not measured, not invented";
    return;
  }
  ASSERT_EQ(waits.count(), kConnections);
  std::vector<std::uint64_t> least;
  std::vector<std::uint64_t> most;
  for (const WaitBracket& wait : scenario.waits) {
    least.push_back(static_cast<std::uint64_t>(wait.at_least));
    most.push_back(static_cast<std::uint64_t>(wait.at_most));
  }
  const auto seconds = [](const std::vector<std::uint64_t>& ns) {
    return static_cast<double>(std::accumulate(ns.begin(), ns.end(), std::uint64_t{0})) / 1e9;
  };
  EXPECT_GE(waits.sum(), seconds(least) - 1e-6);
  EXPECT_LE(waits.sum(), seconds(most) + 1e-6);
  // The i-th smallest wait lies between the i-th smallest bounds; its bucket covers it.
  std::ranges::sort(least);
  std::ranges::sort(most);
  std::size_t i = 0;
  for (const Histogram::Cell& cell : waits.cells()) {
    for (std::uint64_t n = 0; n < cell.count; ++n, ++i) {
      EXPECT_GT(tw_bucket_floor_ns(cell.bucket + 1), least[i]);
      EXPECT_LE(tw_bucket_floor_ns(cell.bucket), most[i]);
    }
  }
}

TEST_P(Waiting, PeakIsRememberedWhenTheQueueIsEmptyAgain) {
  constexpr std::size_t kConnections = 6;
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  AcceptWait scenario(netns, GetParam(), kConnections);
  scenario.accept_all();
  const std::string address = scenario.outcome.party("server").listener.text();
  watch.look();
  const Listener* listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->queue_peak, kConnections);
  if (!watch.hook("listener_queues")) return;
  EXPECT_EQ(listener->queue_now, 0U);
  watch.look();
  listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->queue_peak, 0U) << "of the interval";
}

INSTANTIATE_TEST_SUITE_P(Families, Waiting,
                         testing::Values(Family::v4, Family::v6, Family::mapped, Family::dual));

}  // namespace
}  // namespace tcpwatch::test
