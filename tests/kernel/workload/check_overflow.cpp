// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/check.h"
#include "kernel/workload/overflow.h"

namespace tcpwatch::workload {
namespace {

class WorkloadOverflow : public OverFamilies {
 protected:
  // All is over: nothing left that could be dropped later, and nothing counted in vain.
  void expect_quiet(const Outcome& outcome) {
    const SocketTable table = outcome.netns->sockets();
    EXPECT_EQ(table.rows().size(), table.count(TCP_TIME_WAIT)) << story(outcome);
    EXPECT_EQ(outcome.netns->counters()["ListenDrops"] - outcome.before["ListenDrops"],
              outcome.delta["ListenDrops"]);
    EXPECT_EQ(outcome.total().all_failures(), 0u);
  }
};

TEST_P(WorkloadOverflow, AtTheSyn) {
  for (const int cookies : {0, 1, 2}) {
    SynOverflowOptions options;
    options.family = GetParam();
    options.syn_cookies = cookies;
    options.hold_ms = cookies == 1 ? 1200 : 50;  // the SYNs come again after a second
    Outcome outcome = overflow_syn(netns, options);
    const std::uint64_t room = static_cast<std::uint64_t>(options.backlog) + 1;
    EXPECT_EQ(outcome.total().established_out, room);
    EXPECT_EQ(outcome.total().abandoned, options.clients - room);
    const std::uint64_t times = cookies == 1 ? 2 : 1;
    EXPECT_GE(outcome.delta["ListenOverflows"], times * outcome.fact("at_least_syn"));
    EXPECT_EQ(outcome.delta["ListenDrops"], outcome.delta["ListenOverflows"]) << story(outcome);
    EXPECT_EQ(outcome.delta["ActiveOpens"], options.clients);
    EXPECT_EQ(outcome.delta["PassiveOpens"], room);
    expect_quiet(outcome);
  }
}

TEST_P(WorkloadOverflow, AtTheSynOverAGroup) {
  SynOverflowOptions options;
  options.family = GetParam();
  options.listeners = 3;
  options.hold_ms = 50;
  Outcome outcome = overflow_syn(netns, options);
  EXPECT_EQ(outcome.total().listens, 3u);
  EXPECT_GE(outcome.delta["ListenOverflows"], outcome.fact("at_least_syn"));
  EXPECT_EQ(outcome.delta["ListenDrops"], outcome.delta["ListenOverflows"]) << story(outcome);
  expect_quiet(outcome);
}

TEST_P(WorkloadOverflow, AtTheLastAck) {
  for (const bool abort : {false, true}) {
    AckOverflowOptions options;
    options.family = GetParam();
    options.abort = abort;
    Outcome outcome = overflow_ack(netns, options);
    EXPECT_EQ(outcome.fact("at_least_ack"), options.parked);
    EXPECT_GE(outcome.delta["ListenOverflows"], options.parked);
    EXPECT_EQ(outcome.delta["ListenDrops"], outcome.delta["ListenOverflows"]) << story(outcome);
    EXPECT_EQ(outcome.delta["TCPReqQFullDrop"], 0u);
    EXPECT_EQ(outcome.delta["PassiveOpens"], static_cast<std::uint64_t>(options.backlog) + 1);
    expect_quiet(outcome);
  }
}

TEST_P(WorkloadOverflow, AtBothOverAGroup) {
  AckOverflowOptions options;
  options.family = GetParam();
  options.listeners = 3;
  options.late = 5;
  options.hold_ms = 100;
  Outcome outcome = overflow_ack(netns, options);
  EXPECT_EQ(outcome.fact("at_least_ack"), options.parked);
  EXPECT_EQ(outcome.fact("at_least_syn"), options.late);
  EXPECT_GE(outcome.delta["ListenOverflows"], options.parked + options.late);
  EXPECT_EQ(outcome.delta["ListenDrops"], outcome.delta["ListenOverflows"]) << story(outcome);
  expect_quiet(outcome);
}

TEST_P(WorkloadOverflow, OfTheSynQueue) {
  AckOverflowOptions options;
  options.family = GetParam();
  options.parked = 20;
  options.hold_ms = 50;
  Outcome outcome = overflow_ack(netns, options);
  EXPECT_EQ(outcome.fact("at_least_ack"), 0u);
  EXPECT_GT(outcome.delta["TCPReqQFullDrop"], 0u) << story(outcome);
  EXPECT_EQ(outcome.delta["ListenDrops"],
            outcome.delta["ListenOverflows"] + outcome.delta["TCPReqQFullDrop"]);
  expect_quiet(outcome);
}

TEST_P(WorkloadOverflow, OfTheSynQueueWithCookies) {
  AckOverflowOptions options;
  options.family = GetParam();
  options.parked = 20;
  options.hold_ms = 50;
  options.syn_cookies = 1;
  Outcome outcome = overflow_ack(netns, options);
  EXPECT_GT(outcome.delta["SyncookiesSent"], 0u) << story(outcome);
  EXPECT_EQ(outcome.delta["TCPReqQFullDrop"], 0u) << story(outcome);
  EXPECT_GE(outcome.delta["ListenOverflows"], outcome.fact("at_least_ack"));
  EXPECT_GT(outcome.fact("at_least_ack"), 0u);
  expect_quiet(outcome);
}

TEST_P(WorkloadOverflow, CookiesAlone) {
  CookieOptions options;
  options.family = GetParam();
  Outcome outcome = syn_cookies(netns, options);
  EXPECT_EQ(outcome.delta["SyncookiesSent"], options.connections) << story(outcome);
  EXPECT_EQ(outcome.delta["SyncookiesRecv"], options.connections) << story(outcome);
  EXPECT_EQ(outcome.total().accepts, options.connections);
  EXPECT_EQ(outcome.delta["PassiveOpens"], options.connections) << story(outcome);
}

TEST_P(WorkloadOverflow, FilteredSynsAreNoListenDrops) {
  FilteredOptions options;
  options.family = GetParam();
  Outcome outcome = filtered_listener(netns, options);
  EXPECT_EQ(outcome.total().abandoned, options.connects);
  EXPECT_EQ(outcome.delta["ListenDrops"], 0u) << story(outcome);
  EXPECT_EQ(outcome.delta["ActiveOpens"], options.connects);
}

INSTANTIATE_TEST_SUITE_P(Families, WorkloadOverflow,
                         testing::Values(Family::v4, Family::v6, Family::dual), family_label);

}  // namespace
}  // namespace tcpwatch::workload
