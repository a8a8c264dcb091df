// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/check.h"
#include "kernel/workload/serving.h"
#include "kernel/workload/special.h"

namespace tcpwatch::workload {
namespace {

class WorkloadServe : public OverFamilies {};

void expect_served(Outcome& outcome, std::uint64_t connections, std::uint64_t bytes) {
  const Counts total = outcome.total();
  EXPECT_EQ(total.connects, connections);
  EXPECT_EQ(total.established_out, connections);
  EXPECT_EQ(total.accepts, connections);
  EXPECT_EQ(total.closes, 2 * connections);
  EXPECT_EQ(total.all_failures(), 0u);
  EXPECT_EQ(total.bytes_sent, 2 * bytes * connections);
  EXPECT_EQ(total.bytes_received, total.bytes_sent);
  EXPECT_EQ(outcome.delta["ActiveOpens"], connections) << story(outcome);
  EXPECT_EQ(outcome.delta["PassiveOpens"], connections) << story(outcome);
  EXPECT_EQ(outcome.delta["ListenDrops"], 0u) << story(outcome);
  const SocketTable table = outcome.netns->sockets();
  EXPECT_EQ(table.count(TCP_ESTABLISHED) + table.count(TCP_CLOSE_WAIT), 0u) << story(outcome);
}

TEST_P(WorkloadServe, BlockingAccept) {
  for (const AcceptCall call : {AcceptCall::accept4, AcceptCall::accept}) {
    for (const bool with_address : {true, false}) {
      ServeOptions options;
      options.family = GetParam();
      options.accept = {call, with_address};
      Outcome outcome = serve(netns, options);
      expect_served(outcome, options.connections, 0);
      EXPECT_EQ(outcome.total().accepts_empty, 0u);
    }
  }
}

TEST_P(WorkloadServe, NonBlockingAcceptWithEpoll) {
  ServeOptions options;
  options.family = GetParam();
  options.epoll = true;
  Outcome outcome = serve(netns, options);
  expect_served(outcome, options.connections, 0);
  EXPECT_GT(outcome.total().accepts_empty, 0u);
}

TEST_P(WorkloadServe, WhoClosesFirstHasTimeWait) {
  for (const Closing closing : {Closing::client_first, Closing::server_first}) {
    const Netns fresh;
    ServeOptions options;
    options.family = GetParam();
    options.exchange = {closing, 100'000};
    Outcome outcome = serve(fresh, options);
    expect_served(outcome, options.connections, options.exchange.bytes);
    const std::uint16_t port = outcome.party("server").listener.port();
    const std::size_t of_server = fresh.sockets().count(TCP_TIME_WAIT, port);
    EXPECT_EQ(of_server, closing == Closing::server_first ? options.connections : 0u);
    EXPECT_EQ(fresh.sockets().count(TCP_TIME_WAIT), options.connections);
  }
}

TEST_P(WorkloadServe, ResetLeavesNoTimeWait) {
  ServeOptions options;
  options.family = GetParam();
  options.exchange = {Closing::client_reset, 10};
  Outcome outcome = serve(netns, options);
  expect_served(outcome, options.connections, 10);
  EXPECT_EQ(netns.sockets().count(TCP_TIME_WAIT), 0u);
  EXPECT_EQ(outcome.delta["EstabResets"], 2 * options.connections) << story(outcome);
}

TEST_P(WorkloadServe, WorkersShareTheMastersListener) {
  SharedOptions options;
  options.family = GetParam();
  Outcome outcome = fork_shared_listener(netns, options);
  expect_served(outcome, 6, 0);
  EXPECT_EQ(outcome.party("master").counts().accepts, 0u);
  EXPECT_EQ(outcome.party("master").counts().listens, 1u);
  ASSERT_EQ(outcome.workers().size(), options.shares.size());
  for (std::size_t i = 0; i < options.shares.size(); ++i) {
    EXPECT_EQ(outcome.workers()[i]->counts().accepts, options.shares[i]);
    EXPECT_EQ(outcome.workers()[i]->counts().listens, 0u);
    EXPECT_NE(outcome.workers()[i]->pid(), outcome.party("master").pid());
  }
  EXPECT_EQ(netns.sockets().count(TCP_LISTEN), 1u);
  outcome.release();
  EXPECT_EQ(netns.sockets().count(TCP_LISTEN), 0u);
}

TEST_P(WorkloadServe, ReuseportGroupShares) {
  GroupOptions options;
  options.family = GetParam();
  Outcome outcome = reuseport_group(netns, options);
  expect_served(outcome, options.connections, 1);
  const auto port = static_cast<std::uint16_t>(outcome.fact("port"));
  EXPECT_EQ(netns.sockets().count(TCP_LISTEN, port), options.workers);
  for (const Party* worker : outcome.workers()) EXPECT_EQ(worker->counts().listens, 1u);
}

TEST_P(WorkloadServe, FastOpenUsesItsCookieFromTheSecondConnectionOn) {
  SpecialOptions options;
  options.family = GetParam();
  Outcome outcome = fast_open(netns, options);
  expect_served(outcome, options.connections, 1);
  EXPECT_EQ(outcome.delta["TCPFastOpenCookieReqd"], 1u) << story(outcome);
  EXPECT_EQ(outcome.delta["TCPFastOpenActive"], options.connections - 1) << story(outcome);
  EXPECT_EQ(outcome.delta["TCPFastOpenPassive"], options.connections - 1) << story(outcome);
}

TEST_P(WorkloadServe, MultipathTcp) {
  SpecialOptions options;
  options.family = GetParam();
  Outcome outcome = mptcp(netns, options);
  if (!outcome.unavailable.empty()) GTEST_SKIP() << outcome.unavailable;
  expect_served(outcome, options.connections, 1);
  EXPECT_EQ(outcome.delta["MPTcpExt.MPCapableSYNRX"], options.connections);
}

INSTANTIATE_TEST_SUITE_P(Families, WorkloadServe,
                         testing::Values(Family::v4, Family::v6, Family::mapped, Family::dual),
                         family_label);

}  // namespace
}  // namespace tcpwatch::workload
