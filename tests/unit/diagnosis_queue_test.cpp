// SPDX-License-Identifier: Apache-2.0
//
// Accept queues: small backlog, slow owner, stopped worker, unequal group, flood, and what looks
// like one of them and is healthy.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

Listener& web(Ward& ward, std::uint32_t limit = 511) {
  ward.worker(1200).delta = {};
  for (std::uint32_t pid = 1201; pid <= 1202; ++pid) ward.worker(pid).delta.accepts = 50;
  return ward.listener("0.0.0.0:80", {1200, 1201, 1202}, limit);
}

TEST(AcceptQueue, BurstsOverflowASmallBacklog) {
  Ward ward;
  web(ward, 4);
  ward.pass(10, [&](int look) {
    Listener& row = ward.listeners.front();
    row.accepts_delta = 100;
    row.queue_peak = 5;
    row.queue_now = look % 4 == 0 ? 5 : 1;
    row.overflows_delta = {20, 1};
    row.accept_wait_delta = {};
    timed(row.accept_wait_delta, 0.0004, 100);
  });
  EXPECT_EQ(ward.troubles(), "accept-queue-overflow backlog-capped");
  EXPECT_EQ(ward.root(), "backlog-capped");
  const Finding& overflow = *ward.find("accept-queue-overflow");
  EXPECT_EQ(overflow.severity, Severity::kCritical);
  EXPECT_EQ(overflow.subject.listener, "0.0.0.0:80");
  EXPECT_NEAR(overflow.evidence[0].value, 40, 0.1) << "SYNs per second";
  EXPECT_NEAR(overflow.lasted, 10, 0.6);
  EXPECT_NE(ward.find("backlog-capped")->next_step.find("listen 80 backlog"), std::string::npos);
}

TEST(AcceptQueue, ABurstThatDrainsIsHealthy) {
  Ward ward;
  Listener& row = web(ward, 4);
  row.accepts_delta = 100;
  ward.pass(5);
  ward.pass(1.5, [&](int) { ward.listeners.front().overflows_delta = {30, 0}; });
  ward.pass(1, [&](int) { ward.listeners.front().overflows_delta = {0, 0}; });
  EXPECT_EQ(ward.troubles(), "");
  ASSERT_TRUE(ward.find("accept-queue-overflow")) << "told, but no alarm";
}

// One long interval is one look: a burst in it may have been over in no time.
TEST(AcceptQueue, ABurstInALongIntervalIsHealthy) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->interval = 60;
  Listener& row = snapshot->listeners.emplace_back();
  row.address = "0.0.0.0:80";
  row.queue_limit = 4;
  row.accepts_delta = 1000;
  row.overflows_delta.syn = 30;
  Judge judge;
  judge.add(snapshot);
  EXPECT_EQ(worst_severity(judge.judge()), Severity::kInfo);
}

TEST(AcceptQueue, AFullOneThatLastedAndIsOverGoesAway) {
  Ward ward;
  web(ward, 4);
  ward.pass(5, [&](int) { ward.listeners.front().overflows_delta = {30, 0}; });
  EXPECT_NE(ward.troubles(), "");
  ward.pass(4, [&](int) { ward.listeners.front().overflows_delta = {0, 0}; });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(AcceptQueue, StoppedOwnerIsTheCause) {
  Ward ward;
  Listener& row = web(ward, 511);
  row.queue_now = row.queue_peak = 512;
  row.overflows_delta = {50, 0};
  ward.does(1200, 'S', "sigsuspend");
  ward.does(1201, 'T', "do_signal_stop");
  ward.does(1202, 'T', "do_signal_stop");
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "accept-queue-overflow worker-not-accepting");
  EXPECT_EQ(ward.root(), "worker-not-accepting");
  const Finding& root = *ward.find("worker-not-accepting");
  EXPECT_NE(root.summary.find("is stopped"), std::string::npos) << root.summary;
  EXPECT_TRUE(root.subject.pid == 1201 || root.subject.pid == 1202);
  EXPECT_NE(root.next_step.find("kill -CONT"), std::string::npos);
}

TEST(AcceptQueue, WorkersThatNeverAcceptedAreFoundAsChildren) {
  Ward ward;
  ward.worker(1200);
  Listener& row = ward.listener("0.0.0.0:80", {1200}, 511);
  row.queue_now = row.queue_peak = 7;
  ward.does(1200, 'S', "sigsuspend");
  ward.does(1201, 'S', "do_epoll_wait", 1200);
  ward.does(1202, 'T', "do_signal_stop", 1200);
  ward.pass(8);
  EXPECT_EQ(ward.root(), "worker-not-accepting");
  EXPECT_EQ(ward.findings().front().subject.pid, 1202U);
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
  ward.worker(1202).states[TW_LISTEN] = 0;  // known, and nothing else is
  ward.pass(1);
  const std::string& summary = ward.findings().front().summary;
  EXPECT_NE(summary.find("nginx 1202 takes nothing"), std::string::npos) << summary;
}

TEST(AcceptQueue, ChildrenThatServeOtherSocketsOfTheGroupAreNotBlamed) {
  Ward ward;
  ward.worker(1200);
  ward.worker(1201).delta.accepts = 40;
  for (int i = 0; i < 2; ++i) ward.listener("0.0.0.0:80", {1200}).reuseport_group = 1;
  ward.listeners[0].owners = ward.listeners[1].owners = {1200, 1201};  // of the address
  ward.listeners[0].accepts_delta = 40;
  ward.listeners[1].queue_now = 12;
  ward.does(1200, 'S', "sigsuspend");
  ward.does(1201, 'S', "do_epoll_wait", 1200);
  ward.does(1202, 'S', "do_epoll_wait", 1200);
  ward.pass(8);
  EXPECT_EQ(ward.root(), "worker-not-accepting");
  EXPECT_EQ(ward.findings().front().subject.pid, 1202U);
}

TEST(AcceptQueue, WithoutProcItIsLessSure) {
  Ward ward;
  Listener& row = web(ward, 511);
  row.queue_now = row.queue_peak = 512;
  row.overflows_delta = {50, 0};
  ward.pass(8);
  const Finding& root = *ward.find("worker-not-accepting");
  EXPECT_LT(root.confidence, 0.9);
  EXPECT_NE(root.unseen, "");
}

// Without the right to read its wait channel all that is known is that it sleeps.
TEST(AcceptQueue, SleepsInWhatMayNotBeRead) {
  for (const bool known : {true, false}) {
    Ward ward;
    Listener& row = web(ward);
    row.queue_now = row.queue_peak = 512;
    row.overflows_delta = {20, 1};
    row.accepts_delta = 1;
    for (const std::uint32_t pid : row.owners)
      ward.does(pid, 'S', known ? "hrtimer_nanosleep" : "");
    ward.pass(6);
    const Finding* finding = ward.find("accept-queue-overflow");
    ASSERT_TRUE(finding);
    EXPECT_NEAR(finding->confidence, known ? 1 : 0.9, 1e-9);
    EXPECT_EQ(finding->unseen.find("wchan") != std::string::npos, !known);
  }
}

TEST(AcceptQueue, UnwatchedSignalLowersConfidence) {
  Ward ward;
  web(ward, 4);
  const auto burst = [&](int) {
    ward.listeners.front().accepts_delta = 100;
    ward.listeners.front().overflows_delta = {20, 0};
  };
  ward.pass(5, burst);
  const double sure = ward.find("accept-queue-overflow")->confidence;
  for (HookChoice& hook : ward.hooks)
    if (hook.signal == "overflow_ack") hook.chosen = false;
  ward.pass(5, burst);
  const Finding& finding = *ward.find("accept-queue-overflow");
  EXPECT_LT(finding.confidence, sure);
  EXPECT_NE(finding.unseen.find("overflow_ack"), std::string::npos);
}

TEST(AcceptQueue, BusyQueueThatIsServedIsHealthy) {
  Ward ward;
  Listener& row = web(ward, 511);
  row.accepts_delta = 5000;
  row.queue_now = 40;
  row.queue_peak = 200;
  ward.pass(15);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(Workers, OneOfAGroupTakesNothing) {
  Ward ward;
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    ward.worker(pid);
    Listener& row = ward.listener("0.0.0.0:443", {pid});
    row.reuseport_group = 1;
    row.accepts_delta = pid == 2 ? 0 : 40;
    row.queue_now = pid == 2 ? 17 : 0;
  }
  ward.does(2, 'S', "do_epoll_wait");
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "worker-not-accepting");
  const Finding& finding = *ward.find("worker-not-accepting");
  EXPECT_EQ(finding.subject.pid, 2U);
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_NE(finding.summary.find("siblings took"), std::string::npos) << finding.summary;
  EXPECT_NE(finding.summary.find("epoll_wait"), std::string::npos) << finding.summary;
}

TEST(Workers, OneIsOfferedNothing) {
  Ward ward;
  for (std::uint32_t pid = 1; pid <= 3; ++pid) {
    ward.worker(pid);
    Listener& row = ward.listener("0.0.0.0:443", {pid});
    row.reuseport_group = 1;
    row.accepts_delta = pid == 2 ? 0 : 40;
  }
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "accept-imbalance");
  EXPECT_EQ(ward.find("accept-imbalance")->subject.pid, 2U);
  EXPECT_NE(ward.find("accept-imbalance")->summary.find("nothing offered"), std::string::npos);
}

TEST(Workers, SharedSocketIsTakenFromUnequallyAndHealthy) {
  Ward ward;
  Listener& row = web(ward);
  row.accepts_delta = 300;
  ward.worker(1201).delta.accepts = 299;
  ward.worker(1202).delta.accepts = 1;
  ward.pass(15);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Workers, QuietListenerIsHealthy) {
  Ward ward;
  web(ward);
  ward.pass(15);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(Flood, HalfOpenRequestsThatNobodyCompletes) {
  Ward ward;
  Listener& row = web(ward);
  row.syn_queue = 500;
  row.accepts_delta = 20;
  ward.netns.delta.cookies_sent = 400;
  ward.netns.delta.cookies_failed = 10;
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "syn-flood");
  EXPECT_EQ(ward.find("syn-flood")->subject.listener, "0.0.0.0:80");
}

TEST(Flood, AnsweredCookiesAreClients) {
  Ward ward;
  Listener& row = web(ward);
  row.syn_queue = 500;
  row.accepts_delta = 400;
  ward.netns.delta.cookies_sent = 400;
  ward.netns.delta.cookies_received = 390;
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Flood, SlowAcceptorIsNone) {
  Ward ward;
  Listener& row = web(ward);
  row.syn_queue = 500;
  row.queue_now = row.queue_peak = 512;
  row.overflows_delta = {0, 300};
  ward.netns.delta.cookies_sent = 400;
  ward.pass(6);
  EXPECT_FALSE(ward.find("syn-flood"));
  EXPECT_TRUE(ward.find("accept-queue-overflow"));
}

}  // namespace
}  // namespace tcpwatch::test
