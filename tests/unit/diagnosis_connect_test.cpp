// SPDX-License-Identifier: Apache-2.0
//
// connect(): no ports, refused, silent, unreachable, impatient; the chain across both sides of a
// worker; and look-alikes that are healthy.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

Destination& redis(Ward& ward, std::uint64_t connects) {
  ward.worker(1201);
  Destination& row = ward.destination("10.0.0.5:6379", {1201});
  row.delta.connects = row.delta.established_out = connects;
  timed(row.delta.kernel, 0.000004, connects);
  return row;
}

void fail(Destination& row, tw_reason reason, std::uint64_t times, double after) {
  row.delta.failures[reason] = times;
  row.delta.established_out = row.delta.connects - times;
  timed(row.delta.failed, after, times);
}

TEST(Connects, HealthyOnesAreQuiet) {
  Ward ward;
  redis(ward, 500).states[TW_ESTABLISHED] = 2000;  // they last; else it is a storm
  ward.pass(15);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(Connects, NoPortIsLeft) {
  Ward ward;
  fail(redis(ward, 100), TW_REASON_EADDRNOTAVAIL, 90, 0.0176);
  ward.netns.total.time_wait = 28'000;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "ephemeral-port-exhaustion");
  const Finding& finding = ward.findings().front();
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_EQ(finding.subject.destination, "10.0.0.5:6379");
  EXPECT_EQ(finding.subject.pid, 1201U);
  EXPECT_EQ(finding.evidence.front().value, 900);
  EXPECT_NE(finding.next_step.find("tcp_tw_reuse"), std::string::npos);
}

// A handshake that fails after seconds was begun before: more may fail in a window than begin in
// it.
TEST(Connects, NoMoreFailThanThereWere) {
  Ward ward;
  Destination& row = redis(ward, 8);
  fail(row, TW_REASON_EHOSTUNREACH, 10, 3);
  row.delta.established_out = 0;
  ward.pass(5);
  const Finding* finding = ward.find("connect-unreachable");
  ASSERT_NE(finding, nullptr);
  EXPECT_NE(finding->summary.find(": 100 of 100 connects of "), std::string::npos)
      << finding->summary;
}

TEST(Connects, WhoHasEndedKeepsItsName) {
  Ward ward;
  fail(redis(ward, 100), TW_REASON_EADDRNOTAVAIL, 90, 0.0176);
  Worker& row = ward.worker(1201);
  row.comm = "app-worker";
  row.alive = false;
  ward.pass(5);
  EXPECT_NE(ward.findings().front().summary.find("by app-worker 1201"), std::string::npos)
      << ward.findings().front().summary;
  EXPECT_EQ(ward.findings().front().subject.comm, "app-worker");
}

TEST(Connects, PortsHeldOpenNeedAWiderRange) {
  Ward ward;
  Destination& row = redis(ward, 100);
  fail(row, TW_REASON_EADDRNOTAVAIL, 90, 0.0176);
  row.states[TW_ESTABLISHED] = 28'000;
  ward.pass(5);
  EXPECT_NE(ward.findings().front().next_step.find("ip_local_port_range"), std::string::npos);
}

TEST(Connects, SlowPortSearchWarnsBeforeTheFirstFailure) {
  Ward ward;
  Destination& row = redis(ward, 100);
  row.delta.kernel = {};
  timed(row.delta.kernel, 0.004, 100);
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "connect-slow-in-kernel");
}

TEST(Connects, QueueIsFullBecauseWorkersSitInConnect) {
  Ward ward;
  for (std::uint32_t pid = 1201; pid <= 1204; ++pid) {
    Worker& row = ward.worker(pid);
    row.delta.connects = 28;
    row.delta.failures[TW_REASON_EADDRNOTAVAIL] = 28;
    timed(row.delta.kernel, 0.0176, 28);  // 0.49 of 0.5 s
  }
  Listener& http = ward.listener("0.0.0.0:80", {1200, 1201, 1202, 1203, 1204});
  http.queue_now = http.queue_peak = 512;
  http.overflows_delta = {740, 100};
  http.accepts_delta = 6;
  Destination& row = ward.destination("10.0.0.5:6379", {1201, 1202, 1203, 1204});
  row.delta.connects = row.delta.failures[TW_REASON_EADDRNOTAVAIL] = 112;
  timed(row.delta.kernel, 0.0176, 112);
  timed(row.delta.failed, 0.0176, 112);
  ward.netns.total.time_wait = 28'230;
  ward.pass(8);
  EXPECT_EQ(ward.root(), "ephemeral-port-exhaustion");
  const Finding& front = ward.findings().front();
  EXPECT_EQ(front.id, "accept-queue-overflow");
  EXPECT_NE(front.summary.find("nginx 1204 +3 spends 98.6% of its time in connect()"),
            std::string::npos)
      << front.summary;
  EXPECT_EQ(front.cause->id, "ephemeral-port-exhaustion");
  EXPECT_EQ(ward.find("connect-slow-in-kernel")->cause->id, "ephemeral-port-exhaustion");
}

TEST(Connects, BackendRefuses) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_ECONNREFUSED, 20, 0.0002);
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "connect-refused");
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
}

TEST(Connects, OneRefusalIsHealthy) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_ECONNREFUSED, 1, 0.0002);
  ward.pass(0.5);
  ward.destinations.front().delta.failures = {};
  ward.pass(5);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(Connects, ProbingADeadBackendNowAndThenIsHealthy) {
  Ward ward;
  Destination& row = redis(ward, 0);
  ward.pass(15, [&](int look) {
    const bool probes = look % 10 == 0;
    ward.destinations.front().delta.connects = probes ? 1 : 0;
    fail(row, TW_REASON_ECONNREFUSED, probes ? 1 : 0, 0.0002);
  });
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Connects, LoopbackOfTheOtherFamilyIsHealthy) {
  Ward ward;
  ward.worker(7, "curl");
  Destination& four = ward.destination("127.0.0.1:8080", {7});
  four.delta.connects = four.delta.established_out = 10;
  Destination& six = ward.destination("[::1]:8080", {7});
  six.delta.connects = 10;
  fail(six, TW_REASON_ECONNREFUSED, 10, 0.0001);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Connects, BackendIsSilent) {
  Ward ward;
  Destination& row = redis(ward, 0);
  row.states[TW_SYN_SENT] = 12;
  row.delta.connects = 2;
  row.delta.established_out = 0;
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-timeout");
  EXPECT_NE(ward.findings().front().summary.find("12 handshakes"), std::string::npos);
}

TEST(Connects, SilentForThoseWhoGaveUpAfterASecond) {
  Ward ward;
  fail(redis(ward, 10), TW_REASON_ABANDONED, 10, 3.0);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-timeout");
}

TEST(Connects, DistantPeersThatAnswerAreHealthy) {
  Ward ward;
  redis(ward, 100).states[TW_SYN_SENT] = 40;
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Connects, ProgramIsImpatient) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_ABANDONED, 15, 0.05);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-abandoned");
  EXPECT_GT(ward.findings().front().confidence, 0.9);
}

TEST(Connects, ImpatientWithWhoNeverAnsweredIsAGuess) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_ABANDONED, 20, 0.05);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-abandoned");
  EXPECT_LT(ward.findings().front().confidence, 0.7);
  EXPECT_NE(ward.findings().front().unseen, "");
}

TEST(Connects, ImpatientOnesUnderWayAtEachLookAreOthersEachTime) {
  Ward ward;
  Destination& row = redis(ward, 20);
  fail(row, TW_REASON_ABANDONED, 20, 0.1);
  row.states[TW_SYN_SENT] = 4;
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-abandoned");
  row.states[TW_SYN_SENT] = 400;  // beside those that wait
  ward.pass(8);
  EXPECT_EQ(ward.root(), "connect-timeout");
}

TEST(Connects, PeersFullQueueIsWhy) {
  Ward ward;
  ward.worker(1);
  Listener& row = ward.listener("0.0.0.0:6379", {1}, 4);
  row.queue_now = row.queue_peak = 5;
  row.overflows_delta = {50, 0};
  row.accepts_delta = 1;
  Destination& peer = redis(ward, 20);
  fail(peer, TW_REASON_ABANDONED, 15, 2);
  ward.pass(8);
  const Finding& finding = *ward.find("connect-timeout");
  ASSERT_TRUE(finding.cause);
  EXPECT_EQ(finding.cause->id, "accept-queue-overflow");
  EXPECT_EQ(ward.root(), "accept-queue-overflow");
}

TEST(Connects, NoRoute) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_EHOSTUNREACH, 20, 3.0);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "connect-unreachable");
}

TEST(Connects, NoIpv6IsHealthy) {
  Ward ward;
  ward.worker(7, "git");
  Destination& six = ward.destination("[2001:db8::1]:443", {7});
  six.delta.connects = 5;
  fail(six, TW_REASON_ENETUNREACH, 5, 0.00001);
  ward.pass(8);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Connects, TroubleIsRememberedFromItsBeginning) {
  Ward ward;
  fail(redis(ward, 20), TW_REASON_ECONNREFUSED, 20, 0.0002);
  ward.pass(40);
  EXPECT_NEAR(ward.findings().front().lasted, 40, 1) << "longer than the window";
}

}  // namespace
}  // namespace tcpwatch::test
