// SPDX-License-Identifier: Apache-2.0
//
// How long connections waited in the accept queue, against the program's own clock.
#include <algorithm>
#include <numeric>

#include "kernel/support/expect.h"
#include "kernel/workload/lasting.h"
#include "kernel/workload/roles.h"

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

// As stopped workers of nginx: who listens has forked them, and nobody has ever seen them accept.
TEST(WaitingForChildren, TheyHaveRowsBeforeTheirFirstAccept) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  auto parties = Party::start_with_workers(netns, "master", 2, [](Actor& actor) {
    Fd listener = listen_on(actor, Address::listener(Family::v4));
    // Its name: what is a child's with another is no worker of it.
    for (const std::size_t i : {0, 1})
      actor.fork_worker(i, i == 0 ? "tw-master" : "tw-logger", [](Actor& child) { child.park(); });
    const std::uint16_t port = Address::of_socket(listener.get()).port();
    actor.keep(std::move(listener));
    actor.park({port});
  });
  Outcome outcome(netns);
  for (Party& party : parties) outcome.add(std::move(party));
  Party& master = outcome.party("master");
  const auto port = static_cast<std::uint16_t>(master.wait_done()[0]);
  const Address target = Address::destination(Family::v4, port);
  outcome
      .add(Party::start(netns, "client",
                        [=](Actor& actor) {
                          actor.keep(connected_to(actor, target));
                          actor.park();
                        }))
      .wait_done();
  const auto [worker, logger] = std::pair(outcome.workers()[0], outcome.workers()[1]);
  worker->wait_done();
  logger->wait_done();
  watch.look_until([&] { return watch.worker(worker->pid()) != nullptr; });
  for (const pid_t pid : {master.pid(), worker->pid()}) {
    const Worker* row = watch.worker(pid);
    ASSERT_TRUE(row) << pid;
    EXPECT_EQ(row->netns, netns.inode());
    EXPECT_EQ(row->comm, "tw-master");
    EXPECT_EQ(row->total.accepts, 0U);
    EXPECT_EQ(row->states[TW_ESTABLISHED], 0);
    EXPECT_TRUE(row->fds && row->fds->open > 0);
  }
  EXPECT_FALSE(watch.worker(logger->pid()));
  outcome.release();
}

INSTANTIATE_TEST_SUITE_P(Families, Waiting,
                         testing::Values(Family::v4, Family::v6, Family::mapped, Family::dual));

}  // namespace
}  // namespace tcpwatch::test
