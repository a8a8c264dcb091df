// SPDX-License-Identifier: Apache-2.0
//
// Ways of the kernel that are not the ordinary one: Multipath TCP, TCP Fast Open, resets. The sums
// must hold; who closes an MPTCP subflow is a kernel worker, so that owners may be missing there.
#include "kernel/workload/special.h"

#include "kernel/support/expect.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

class Special : public testing::TestWithParam<Family> {};

const Listener* listener_of(const Watch& watch, Outcome& outcome) {
  return watch.listener(outcome.party("server").listener.text(), outcome.netns->inode());
}

TEST_P(Special, FastOpenIsAccepted) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  SpecialOptions options;
  options.family = GetParam();
  Outcome outcome = fast_open(netns, options);
  watch.look();
  const Listener* listener = listener_of(watch, outcome);
  ASSERT_TRUE(listener);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, outcome.party("server").counts().accepts);
  }
  const Worker* server = watch.worker(outcome.party("server").pid());
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(server && client);
  EXPECT_EQ(server->total.accepts, outcome.party("server").counts().accepts);
  EXPECT_EQ(server->total.closes, outcome.party("server").counts().closes);
  EXPECT_EQ(client->total.connects, outcome.party("client").counts().connects);
  EXPECT_EQ(client->total.closes, outcome.party("client").counts().closes);
  EXPECT_EQ(client->total.connect_failures(), 0U);
  outcome.release();
  expect_nothing_negative(watch.look());
}

TEST_P(Special, MultipathKeepsTheSums) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  SpecialOptions options;
  options.family = GetParam();
  Outcome outcome = mptcp(netns, options);
  if (!outcome.unavailable.empty()) GTEST_SKIP() << outcome.unavailable;
  watch.look();
  const Listener* listener = listener_of(watch, outcome);
  ASSERT_TRUE(listener);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, outcome.party("server").counts().accepts);
  }
  if (const Worker* server = watch.worker(outcome.party("server").pid())) {
    EXPECT_LE(server->total.accepts, outcome.party("server").counts().accepts);
  }
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->total.connects, outcome.party("client").counts().connects);
  EXPECT_EQ(client->total.connect_failures(), 0U);
  outcome.release();
  expect_nothing_negative(watch.look());
}

TEST_P(Special, ResetsAreCloses) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  ServeOptions options;
  options.family = GetParam();
  options.exchange = {Closing::client_reset, 10};
  Outcome outcome = serve(netns, options);
  outcome.release();
  watch.look();
  const Worker* server = watch.worker(outcome.party("server").pid());
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(server && client);
  expect_attributed(watch, server->total.closes, options.connections, "server's closes");
  EXPECT_EQ(client->total.closes, options.connections);
  expect_no_sockets(watch, server->states, "server");
  expect_no_sockets(watch, client->states, "client");
  expect_nothing_negative(watch.look());
}

INSTANTIATE_TEST_SUITE_P(Families, Special, testing::Values(Family::v4, Family::v6));

}  // namespace
}  // namespace tcpwatch::test
