// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/check.h"
#include "kernel/workload/failing.h"

namespace tcpwatch::workload {
namespace {

class WorkloadFail : public OverFamilies {
 protected:
  // What the program was told, and how many of the attempts sent a SYN.
  void expect_failed(const Outcome& outcome, const std::string& reason, std::uint64_t times,
                     std::uint64_t active_opens) {
    EXPECT_EQ(outcome.total().failures_by_name(), (Failures{{reason, times}}));
    EXPECT_EQ(outcome.total().abandoned, 0u);
    EXPECT_EQ(outcome.delta["ActiveOpens"], active_opens) << story(outcome);
  }
};

TEST_P(WorkloadFail, Refused) {
  for (const bool nonblocking : {false, true}) {
    FailOptions options;
    options.family = GetParam();
    options.nonblocking = nonblocking;
    Outcome outcome = refused(netns, options);
    expect_failed(outcome, "ECONNREFUSED", options.connects, options.connects);
    EXPECT_EQ(outcome.delta["AttemptFails"], options.connects) << story(outcome);
  }
}

TEST_P(WorkloadFail, AddressNotAvailable) {
  for (const auto kind : {Shortage::held, Shortage::time_wait, Shortage::explicit_bind}) {
    for (const bool nonblocking : {false, true}) {
      const Netns fresh;
      ShortageOptions options;
      options.family = GetParam();
      options.kind = kind;
      options.nonblocking = nonblocking;
      Outcome outcome = address_not_available(fresh, options);
      const std::uint64_t good = kind == Shortage::explicit_bind ? 1 : options.ports;
      expect_failed(outcome, "EADDRNOTAVAIL", options.too_many, good);
      EXPECT_EQ(outcome.total().established_out, good);
      EXPECT_EQ(outcome.delta["PassiveOpens"], good) << story(outcome);
      EXPECT_EQ(outcome.delta["AttemptFails"], 0u) << story(outcome);
      EXPECT_NE(fresh.sysctl("net.ipv4.tcp_tw_reuse"), "0");
    }
  }
}

TEST_P(WorkloadFail, TimedOutByUserTimeout) {
  for (const bool nonblocking : {false, true}) {
    TimeoutOptions options;
    options.family = GetParam();
    options.nonblocking = nonblocking;
    Outcome outcome = timed_out(netns, options);
    expect_failed(outcome, "ETIMEDOUT", options.connects, options.connects);
    EXPECT_EQ(outcome.delta["AttemptFails"], options.connects) << story(outcome);
    EXPECT_EQ(outcome.delta["ListenDrops"], 0u) << story(outcome);
    EXPECT_LT(outcome.fact("ns"), 4'500'000'000u);
  }
}

TEST_P(WorkloadFail, TimedOutAfterOneRetransmission) {
  TimeoutOptions options;
  options.family = GetParam();
  options.nonblocking = true;
  options.user_timeout_ms = 0;
  options.syn_count = 1;
  Outcome outcome = timed_out(netns, options);
  expect_failed(outcome, "ETIMEDOUT", options.connects, options.connects);
  EXPECT_LT(outcome.fact("ns"), 4'500'000'000u);
}

TEST_P(WorkloadFail, Abandoned) {
  for (const auto how : {GivingUp::close, GivingUp::send_timeout, GivingUp::disconnect,
                         GivingUp::shutdown, GivingUp::signal}) {
    AbandonOptions options;
    options.family = GetParam();
    options.how = how;
    Outcome outcome = abandoned(netns, options);
    EXPECT_EQ(outcome.total().abandoned, options.connects);
    EXPECT_EQ(outcome.total().all_failures(), 0u);
    EXPECT_EQ(outcome.delta["ActiveOpens"], options.connects) << story(outcome);
    EXPECT_EQ(outcome.delta["AttemptFails"], 0u) << story(outcome);
    EXPECT_EQ(netns.sockets().text(), "no sockets");
  }
}

TEST_P(WorkloadFail, RefusedByTheRoute) {
  const std::vector<std::pair<NoWay, std::string>> kinds = {{NoWay::no_route, "ENETUNREACH"},
                                                            {NoWay::unreachable, "EHOSTUNREACH"},
                                                            {NoWay::prohibit, "EACCES"},
                                                            {NoWay::blackhole, "EINVAL"}};
  for (const auto& [kind, reason] : kinds) {
    const Netns fresh;
    NoWayOptions options;
    options.family = GetParam();
    options.kind = kind;
    Outcome outcome = unreachable(fresh, options);
    expect_failed(outcome, reason, options.connects, 0);
  }
}

TEST_P(WorkloadFail, NoAnswerFromTheNeighbour) {
  for (const bool nonblocking : {false, true}) {
    const Netns fresh;
    NoWayOptions options;
    options.family = GetParam();
    options.nonblocking = nonblocking;
    options.kind = NoWay::neighbour;
    Outcome outcome = unreachable(fresh, options);
    if (!outcome.unavailable.empty()) GTEST_SKIP() << outcome.unavailable;
    expect_failed(outcome, "EHOSTUNREACH", options.connects, options.connects);
    EXPECT_EQ(outcome.delta["AttemptFails"], options.connects) << story(outcome);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, WorkloadFail,
                         testing::Values(Family::v4, Family::v6, Family::mapped), family_label);

}  // namespace
}  // namespace tcpwatch::workload
