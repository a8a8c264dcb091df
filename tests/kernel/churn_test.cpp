// SPDX-License-Identifier: Apache-2.0
//
// Many short connections at full speed: every count equals the programs' and the kernel's, and
// nothing is lost. TCPWATCH_TEST_KERNEL says that the machine is emulated: then fewer.
#include "kernel/workload/churn.h"

#include <chrono>
#include <cstdlib>
#include <future>
#include <map>

#include "kernel/support/expect.h"

namespace tcpwatch::test {
namespace {

using namespace workload;
using namespace std::chrono_literals;

class Churning : public testing::TestWithParam<std::uint32_t> {
 protected:
  // Stories are taken out of the ring buffer while it runs, as the agent does.
  static void run(Churn& churn, Watch& watch) {
    auto done = std::async(std::launch::async, [&] { churn.run(); });
    while (done.wait_for(5ms) != std::future_status::ready) watch.look();
    done.get();
    watch.look();
  }
};

void expect_stories(const Watch& watch, Outcome& outcome, std::uint64_t inode) {
  std::map<pid_t, std::uint64_t> by_pid;
  std::uint64_t wrong = 0;
  for (const tw_closed& story : watch.closes_in(inode)) {
    ++by_pid[static_cast<pid_t>(story.worker >> 32)];
    wrong += story.bytes_in != 1 || story.bytes_out != 1 || story.lifetime_ns == 0;
  }
  EXPECT_EQ(wrong, 0U) << "one byte each way, and some time";
  EXPECT_EQ(by_pid.size(), outcome.parties.size()) << "nobody else's, nobody's";
  for (const Party& party : outcome.parties)
    EXPECT_EQ(by_pid[party.pid()], party.counts().closes) << party.role();
}

TEST_P(Churning, NothingIsMissedOrCreditedToAnother) {
  const workload::Netns netns;
  ChurnOptions options;
  options.connections = std::getenv("TCPWATCH_TEST_KERNEL") ? 20'000 : 100'000;
  options.pairs = 2;
  options.spread = false;  // on several CPUs the kernel's own books need not add up: see Netns::cpu
  Watch watch(GetParam());
  Churn churn(netns, options);
  run(churn, watch);
  Outcome& outcome = churn.outcome;
  const Snapshot& snapshot = watch.look();
  EXPECT_EQ(snapshot.lost_total.events, 0U);
  EXPECT_EQ(snapshot.lost_total.folded, 0U);
  EXPECT_EQ(snapshot.lost_total.untracked, 0U);
  std::uint64_t accepts = 0;
  std::uint64_t connects = 0;
  for (const Party& party : outcome.parties) {
    const Worker* worker = watch.worker(party.pid());
    ASSERT_TRUE(worker) << party.role();
    EXPECT_EQ(worker->total.accepts, party.counts().accepts) << party.role();
    EXPECT_EQ(worker->total.connects, party.counts().connects) << party.role();
    EXPECT_EQ(worker->total.established_out, party.counts().established_out) << party.role();
    EXPECT_EQ(worker->total.connect_failures(), 0U) << party.role();
    EXPECT_EQ(worker->total.closes, party.counts().closes) << party.role();
    accepts += worker->total.accepts;
    connects += worker->total.connects;
  }
  EXPECT_EQ(accepts, options.connections);
  EXPECT_EQ(accepts, outcome.delta["PassiveOpens"]);
  EXPECT_EQ(connects, outcome.delta["ActiveOpens"]);
  if (GetParam() & TW_DETAIL_CLOSES) {
    expect_stories(watch, outcome, netns.inode());
  } else {
    EXPECT_TRUE(watch.closes.empty()) << "not asked for";
  }
  expect_nothing_negative(snapshot);
}

INSTANTIATE_TEST_SUITE_P(Detail, Churning,
                         testing::Values(TW_DETAIL_FAILURES,
                                         TW_DETAIL_FAILURES | TW_DETAIL_CLOSES));

}  // namespace
}  // namespace tcpwatch::test
