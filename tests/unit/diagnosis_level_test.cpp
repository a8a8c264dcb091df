// SPDX-License-Identifier: Apache-2.0
//
// Descriptors, water levels, leaks: what rises, and what only moves.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

TEST(Levels, DescriptorsNearTheLimit) {
  Ward ward;
  ward.worker(9).fds = Fds{850, 1024};
  ward.pass(1);
  EXPECT_EQ(ward.troubles(), "fd-exhaustion");
  EXPECT_EQ(ward.findings().front().severity, Severity::kWarning);
  ward.worker(9).fds = Fds{1000, 1024};
  ward.pass(1);
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
}

TEST(Levels, RefusedCallsAreCriticalWhateverIsRead) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds.reset();
  row.delta.fd_refusals[TW_REFUSED_ACCEPT_EMFILE] = 5;
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "fd-exhaustion");
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
  EXPECT_LT(ward.findings().front().confidence, 0.9) << "its descriptors could not be read";
}

TEST(Levels, InflowAnnouncesTheLimit) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{600, 4096};
  row.delta.accepts = 56;
  row.delta.closes = 30;
  ward.pass(10, [&](int look) { ward.workers.front().states[TW_ESTABLISHED] = 500 + 26 * look; });
  EXPECT_EQ(ward.troubles(), "connection-inflow");
  const Finding& finding = ward.findings().front();
  EXPECT_EQ(finding.severity, Severity::kCritical) << "under two minutes";
  const Evidence& until = finding.evidence.back();
  EXPECT_EQ(until.name, "until_limit");
  EXPECT_NEAR(until.value, (4096 - 994) / 52.0, 1);
}

TEST(Levels, RampThatEndsIsHealthy) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{600, 1024};
  row.delta.accepts = 50;
  row.delta.closes = 5;
  ward.pass(10, [&](int look) {
    ward.workers.front().states[TW_ESTABLISHED] = std::min(400, 200 * look);
  });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Levels, KeepaliveThatGoesUpAndDownIsHealthy) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{600, 1024};
  row.delta.accepts = 100;
  row.delta.closes = 90;
  ward.pass(15, [&](int look) {
    ward.workers.front().states[TW_ESTABLISHED] = 400 + (look % 4) * 25 + look;
  });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Levels, FirstFifthOfTheLimitIsNoAlarm) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{100, 16384};
  row.delta.accepts = 30;
  ward.pass(15, [&](int look) { ward.workers.front().states[TW_ESTABLISHED] = 30 * look; });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Levels, WatermarkOfABudget) {
  Thresholds limits;
  limits.budget = 1000;
  Ward ward(limits);
  ward.worker(9).states[TW_ESTABLISHED] = 860;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "connection-watermark");
}

TEST(Leaks, CloseWaitThatOnlyGrows) {
  Ward ward;
  ward.worker(9, "java").fds = Fds{1000, 4096};
  ward.pass(10, [&](int look) { ward.workers.front().states[TW_CLOSE_WAIT] = 3 * look; });
  EXPECT_EQ(ward.troubles(), "close-wait-leak");
  EXPECT_EQ(ward.findings().front().subject.pid, 9U);
  EXPECT_EQ(ward.findings().front().evidence[0].value, 57);
  EXPECT_NEAR(ward.findings().front().evidence[1].value, 6, 0.01) << "per second";
}

TEST(Leaks, ManyAreALeakEvenIfTheyStand) {
  Ward ward;
  ward.worker(9).states[TW_CLOSE_WAIT] = 1500;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "close-wait-leak");
}

TEST(Leaks, BurstThatIsWorkedOffIsHealthy) {
  Ward ward;
  ward.worker(9);
  const auto healthy = [&](int look) { EXPECT_EQ(ward.troubles(), "") << "before look " << look; };
  ward.pass(10, [&](int look) {
    healthy(look);
    ward.workers.front().states[TW_CLOSE_WAIT] =
        look < 6 ? 40 * look : std::max(0, 400 - 30 * look);
  });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Leaks, FinWait2AndTimeWait) {
  Ward ward;
  ward.worker(9).states[TW_FIN_WAIT2] = 600;
  ward.netns.total.time_wait = 210'000;
  ward.pass(5);
  EXPECT_TRUE(ward.find("fin-wait2-pileup"));
  EXPECT_TRUE(ward.find("time-wait-high"));
}

TEST(Leaks, ExhaustionIsCausedByTheLeak) {
  Ward ward;
  ward.worker(9, "java").fds = Fds{1000, 1024};
  ward.pass(10, [&](int look) { ward.workers.front().states[TW_CLOSE_WAIT] = 900 + 4 * look; });
  EXPECT_EQ(ward.root(), "close-wait-leak");
  EXPECT_EQ(ward.findings().front().id, "fd-exhaustion");
}

Destination& upstream(Ward& ward, std::uint64_t waiting, double since) {
  ward.worker(9);
  Destination& row = ward.destination("10.0.0.9:8080", {9});
  row.delta.connects = row.delta.established_out = 10;
  row.states[TW_ESTABLISHED] = 40;
  row.sockets.emplace().waiting = waiting;
  row.sockets->waiting_since = since;
  return row;
}

TEST(Upstreams, ManyWaitLongForAFirstByte) {
  Ward ward;
  upstream(ward, 35, 4.2);
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "slow-upstream");
  EXPECT_EQ(ward.findings().front().subject.destination, "10.0.0.9:8080");
}

TEST(Upstreams, FewOrShortWaitsAreHealthy) {
  Ward ward;
  upstream(ward, 35, 0.3);
  upstream(ward, 4, 60).address = "10.0.0.9:8081";
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Upstreams, LogsThatAreOnlySentAreHealthy) {
  Ward ward;
  Destination& row = upstream(ward, 8, 30);
  row.states[TW_ESTABLISHED] = 8;
  row.delta.connects = row.delta.established_out = 0;
  ward.pass(10);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Upstreams, IdleConnectionsOnlyHurtNearTheLimit) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{700, 1024};
  row.sockets.emplace().idle = 600;
  row.sockets->active = 50;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "keepalive-pileup");
  ward.worker(9).fds = Fds{700, 16384};
  ward.pass(1);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Ports, TimeLeftIsAnnounced) {
  Ward ward;
  Destination& row = upstream(ward, 0, 0);
  row.ports.emplace().used = 20'000;
  row.ports->available = 28'232;
  row.ports->exhausted_in = 120;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "ephemeral-port-exhaustion");
  EXPECT_EQ(ward.findings().front().severity, Severity::kWarning);
  ward.destinations.front().ports->used = 9'000;
  ward.pass(1);
  EXPECT_EQ(ward.troubles(), "") << "a third is used, however fast it rises";
}

TEST(Leaks, MakerOfTimeWaitIsNamed) {
  Ward ward;
  ward.worker(9, "curl").sockets.emplace().time_waits = 150'000;
  ward.netns.total.time_wait = 210'000;
  ward.pass(5);
  ASSERT_TRUE(ward.find("time-wait-high"));
  EXPECT_EQ(ward.find("time-wait-high")->subject.pid, 9U);
  EXPECT_EQ(ward.find("time-wait-high")->unseen, "");
}

TEST(Judge, IdleMachineIsHealthy) {
  Ward ward;
  ward.pass(15);
  EXPECT_EQ(ward.findings().size(), 0U);
  EXPECT_EQ(verdict_name(ward.findings()), "healthy");
}

}  // namespace
}  // namespace tcpwatch::test
