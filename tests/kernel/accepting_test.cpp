// SPDX-License-Identifier: Apache-2.0
//
// Accepts: what the tracer says of each worker and listener against what the programs counted
// themselves and what the kernel counted in their namespace.
#include <gtest/gtest.h>

#include "kernel/support/watch.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

struct AcceptCase {
  Family family;
  bool epoll;
  bool with_address;
  Closing closing;
};

class Accepting : public testing::TestWithParam<AcceptCase> {};

TEST_P(Accepting, CountsEqualTheProgramsAndTheKernels) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  ServeOptions options;
  options.family = GetParam().family;
  options.epoll = GetParam().epoll;
  options.accept.with_address = GetParam().with_address;
  options.exchange.closing = GetParam().closing;
  options.exchange.bytes = 100;
  options.connections = 20;
  Outcome outcome = serve(netns, options);
  outcome.release();
  watch.look();

  const Party& server = outcome.party("server");
  const Party& client = outcome.party("client");
  const Worker* accepting = watch.worker(server.pid());
  const Worker* connecting = watch.worker(client.pid());
  ASSERT_TRUE(accepting && connecting);
  EXPECT_EQ(accepting->comm, server.comm());
  EXPECT_EQ(accepting->total.accepts, server.counts().accepts);
  EXPECT_EQ(accepting->total.accepts, outcome.delta["PassiveOpens"]);
  EXPECT_EQ(accepting->total.connects, 0U);
  EXPECT_EQ(connecting->total.connects, outcome.delta["ActiveOpens"]);
  EXPECT_EQ(connecting->total.established_out, client.counts().established_out);
  EXPECT_EQ(connecting->total.connect_failures(), 0U);
  EXPECT_EQ(accepting->total.closes, server.counts().closes);
  EXPECT_EQ(connecting->total.closes, client.counts().closes);

  const Listener* listener = watch.listener(server.listener.text(), netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->accepts_total, server.counts().accepts);
  EXPECT_EQ(listener->overflows_total.syn + listener->overflows_total.ack, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    All, Accepting,
    testing::Values(AcceptCase{Family::v4, false, true, Closing::client_first},
                    AcceptCase{Family::v4, false, false, Closing::client_first},
                    AcceptCase{Family::v4, true, true, Closing::server_first},
                    AcceptCase{Family::v4, true, false, Closing::server_first},
                    AcceptCase{Family::v6, false, true, Closing::client_first},
                    AcceptCase{Family::mapped, false, true, Closing::server_first},
                    AcceptCase{Family::dual, true, true, Closing::client_first}));

TEST(SharedListener, AcceptsBelongToTheWorkerThatAccepted) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  Outcome outcome = fork_shared_listener(netns);
  outcome.release();
  watch.look();
  for (const Party* party : outcome.workers()) {
    const Worker* worker = watch.worker(party->pid());
    ASSERT_TRUE(worker) << party->role();
    EXPECT_EQ(worker->total.accepts, party->counts().accepts) << party->role();
    EXPECT_EQ(worker->total.closes, party->counts().closes) << party->role();
  }
  const Worker* master = watch.worker(outcome.party("master").pid());
  ASSERT_TRUE(master) << "it listens";
  EXPECT_EQ(master->total.accepts, 0U);
}

TEST(ReuseportGroup, EachListenerCountsItsOwn) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  GroupOptions options;
  options.workers = 4;
  options.connections = 100;
  Outcome outcome = reuseport_group(netns, options);
  watch.look();
  std::map<std::uint32_t, const Listener*> by_owner;
  std::set<std::uint64_t> groups;
  for (const Listener* listener : watch.listeners(netns.inode())) {
    ASSERT_FALSE(listener->owners.empty());
    by_owner[listener->owners.front()] = listener;
    ASSERT_TRUE(listener->reuseport_group);
    groups.insert(*listener->reuseport_group);
  }
  EXPECT_EQ(by_owner.size(), options.workers);
  EXPECT_EQ(groups.size(), 1U);
  std::uint64_t accepts = 0;
  for (const Party* party : outcome.workers()) {
    const auto found = by_owner.find(static_cast<std::uint32_t>(party->pid()));
    ASSERT_NE(found, by_owner.end()) << party->role();
    EXPECT_EQ(found->second->accepts_total, party->counts().accepts) << party->role();
    EXPECT_EQ(watch.worker(party->pid())->total.accepts, party->counts().accepts);
    accepts += found->second->accepts_total;
  }
  EXPECT_EQ(accepts, outcome.delta["PassiveOpens"]);
  outcome.release();
}

}  // namespace
}  // namespace tcpwatch::test
