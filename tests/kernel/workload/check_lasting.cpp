// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/check.h"
#include "kernel/workload/churn.h"
#include "kernel/workload/lasting.h"
#include "kernel/workload/limits.h"

namespace tcpwatch::workload {
namespace {

class WorkloadLast : public OverFamilies {};

TEST_P(WorkloadLast, CloseWaitStaysUntilTheServerEnds) {
  CloseWaitOptions options;
  options.family = GetParam();
  Outcome outcome = close_wait(netns, options);
  const Counts server = outcome.party("server").counts();
  EXPECT_EQ(server.open[TCP_CLOSE_WAIT], static_cast<std::int64_t>(options.leaked));
  EXPECT_EQ(server.closes, options.closed);
  EXPECT_EQ(netns.sockets().count(TCP_CLOSE_WAIT), options.leaked);
  EXPECT_EQ(netns.sockets().count(TCP_FIN_WAIT2), options.leaked);
  outcome.release();
  EXPECT_EQ(netns.sockets().count(TCP_CLOSE_WAIT), 0u);
  EXPECT_EQ(netns.sockets().count(TCP_TIME_WAIT), options.leaked + options.closed)
      << story(outcome);
}

TEST_P(WorkloadLast, ExitClosesOrResetsWhatWasOpen) {
  for (const bool killed : {false, true}) {
    const Netns fresh;
    LeavingOptions options;
    options.family = GetParam();
    Outcome outcome = exit_with_open_sockets(fresh, options);
    const std::size_t all = options.accepted + options.outgoing + options.queued;
    EXPECT_EQ(fresh.sockets().count(TCP_ESTABLISHED), 2 * all);
    Party& leaver = outcome.party("leaver");
    EXPECT_EQ(leaver.counts().open[TCP_ESTABLISHED],
              static_cast<std::int64_t>(options.accepted + options.outgoing));
    EXPECT_EQ(fresh.sockets().queued(leaver.listener.port()), options.queued);
    if (killed) {
      leaver.kill();
    } else {
      leaver.release();
    }
    outcome.settle();
    // The peer's end of what had an owner; what waited in the queue was reset.
    EXPECT_EQ(fresh.sockets().count(TCP_CLOSE_WAIT), options.accepted + options.outgoing);
    EXPECT_EQ(fresh.sockets().count(TCP_ESTABLISHED), 0u);
    EXPECT_EQ(outcome.delta["EstabResets"], 2 * options.queued) << story(outcome);
    EXPECT_EQ(fresh.sockets().count(TCP_LISTEN), 1u);
  }
}

TEST_P(WorkloadLast, WaitInTheQueueIsBracketed) {
  const std::int64_t start = now_ns();
  AcceptWait scenario(netns, GetParam(), 5);
  const Deadline end(20 * kMillisecond);
  wait_until("20 ms", [&] { return end.over(); });
  scenario.accept_all();
  const std::int64_t took = now_ns() - start;
  ASSERT_EQ(scenario.waits.size(), 5u);
  for (const WaitBracket& wait : scenario.waits) {
    EXPECT_GE(wait.at_least, 20 * kMillisecond);
    EXPECT_LE(wait.at_least, wait.at_most);
  }
  EXPECT_LE(scenario.waits.back().at_least, took);
  EXPECT_EQ(scenario.outcome.total().accepts, 5u);
}

TEST_P(WorkloadLast, OlderSocketsAreCountedApart) {
  const OlderOptions options{GetParam()};
  OlderThanTracer scenario(netns, options);
  const std::size_t old = options.accepted + options.queued;
  EXPECT_EQ(scenario.earlier["client"].established_out, old + options.close_wait);
  EXPECT_EQ(scenario.earlier["server"].accepts, options.accepted + options.close_wait);
  EXPECT_EQ(scenario.outcome.delta["ActiveOpens"], 0u);
  EXPECT_EQ(netns.sockets().count(TCP_CLOSE_WAIT), options.close_wait);

  scenario.open_more();
  Outcome& outcome = scenario.outcome;
  EXPECT_EQ(outcome.party("server").counts().accepts, options.queued + options.more);
  EXPECT_EQ(outcome.party("sleeper").counts().accepts, 1u);
  EXPECT_EQ(outcome.delta["ActiveOpens"], options.more + 1);
  EXPECT_EQ(outcome.delta["PassiveOpens"], options.more + 1);
  EXPECT_EQ(netns.sockets().count(TCP_ESTABLISHED), 2 * (old + options.more + 1));

  scenario.close_all();
  EXPECT_EQ(outcome.party("client").counts().closes, old + options.more + 1);
  EXPECT_EQ(outcome.party("server").counts().closes, old + options.more + options.close_wait);
  EXPECT_EQ(netns.sockets().count(TCP_ESTABLISHED), 0u);
}

TEST_P(WorkloadLast, RefusedDescriptorsLeaveConnectionsWaiting) {
  LimitOptions options;
  options.family = GetParam();
  Outcome outcome = out_of_descriptors(netns, options);
  const Party& server = outcome.party("server");
  EXPECT_EQ(server.counts().accepts, options.accepted);
  EXPECT_EQ(server.counts().no_descriptor, options.refused + options.sockets);
  EXPECT_EQ(netns.sockets().queued(server.listener.port()), options.connections - options.accepted);
}

TEST_P(WorkloadLast, ChurnCountsAgree) {
  ChurnOptions options;
  options.family = GetParam();
  options.connections = 2'001;
  options.concurrency = 16;
  options.pairs = 2;
  Churn churn(netns, options);
  churn.run();
  const Counts total = churn.outcome.total();
  EXPECT_EQ(total.established_out, options.connections);
  EXPECT_EQ(total.accepts, options.connections);
  EXPECT_EQ(total.closes, 2 * options.connections);
  EXPECT_EQ(total.bytes_received, 2 * options.connections);
  EXPECT_EQ(churn.outcome.delta["ActiveOpens"], options.connections) << story(churn.outcome);
  EXPECT_EQ(churn.outcome.delta["PassiveOpens"], options.connections) << story(churn.outcome);
  RecordProperty("ns", std::to_string(churn.outcome.fact("ns")));
}

INSTANTIATE_TEST_SUITE_P(Families, WorkloadLast,
                         testing::Values(Family::v4, Family::v6, Family::mapped), family_label);

}  // namespace
}  // namespace tcpwatch::workload
