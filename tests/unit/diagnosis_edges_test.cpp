// SPDX-License-Identifier: Apache-2.0
//
// The edge of each threshold, from both sides: just under it nothing is wrong, just over it a
// finding is told. Each of these fails when its threshold is dropped, or its comparison turned.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

// Ten seconds of one connect per look, of which each `every`th is refused.
std::string refused(int looks, int every) {
  Ward ward;
  ward.worker(9);
  ward.destination("10.0.0.5:6379", {9}).delta.connects = 1;
  ward.pass(looks * Ward::kInterval, [&](int look) {
    Traffic& delta = ward.destinations.front().delta;
    delta.failures[TW_REASON_ECONNREFUSED] = look % every == 0 ? 1 : 0;
    delta.established_out = 1 - delta.failures[TW_REASON_ECONNREFUSED];
  });
  return ward.troubles();
}

TEST(Edges, FailedConnectsInNumber) {
  EXPECT_EQ(refused(10, 3), "") << "4";
  EXPECT_EQ(refused(10, 2), "connect-refused") << "5";
}

TEST(Edges, FailedConnectsPerSecond) {
  EXPECT_EQ(refused(30, 5), "") << "6 in 12.5 s";
  EXPECT_EQ(refused(30, 3), "connect-refused") << "10 in 13.5 s";
}

std::string refused_of_hundred(std::uint64_t failures, tw_reason reason) {
  Ward ward;
  ward.worker(9);
  Traffic& delta = ward.destination("10.0.0.5:6379", {9}).delta;
  delta.connects = 100;
  delta.failures[reason] = failures;
  delta.established_out = 100 - failures;
  ward.destinations.front().states[TW_ESTABLISHED] = 1000;
  ward.pass(5);
  return ward.troubles();
}

TEST(Edges, ShareOfConnectsThatFail) {
  EXPECT_EQ(refused_of_hundred(4, TW_REASON_ECONNREFUSED), "");
  EXPECT_EQ(refused_of_hundred(6, TW_REASON_ECONNREFUSED), "connect-refused");
  EXPECT_EQ(refused_of_hundred(19, TW_REASON_ABANDONED), "") << "four times as many have to";
  EXPECT_EQ(refused_of_hundred(21, TW_REASON_ABANDONED), "connect-abandoned");
}

// A finding stays for 3 s after it was last seen.
TEST(Edges, WhatIsOverGoesAway) {
  Ward ward;
  ward.worker(9);
  ward.destination("10.0.0.5:6379", {9}).delta.connects = 10;
  ward.destinations.front().delta.failures[TW_REASON_ECONNREFUSED] = 10;
  ward.pass(5);
  ward.destinations.front().delta.failures[TW_REASON_ECONNREFUSED] = 0;
  ward.pass(2.5);
  EXPECT_EQ(ward.troubles(), "connect-refused");
  ward.pass(1);
  EXPECT_EQ(ward.troubles(), "");
}

// Within 10 s it is the same incident, later another.
TEST(Edges, WhatComesAgainSoonIsTheSame) {
  for (const bool soon : {true, false}) {
    Ward ward;
    Worker& row = ward.worker(9);
    row.fds = Fds{1000, 1024};
    ward.pass(4);
    const std::uint64_t since = ward.find("fd-exhaustion")->since_ns;
    ward.workers.front().fds = Fds{10, 1024};
    ward.pass(soon ? 9 : 12);
    EXPECT_FALSE(ward.find("fd-exhaustion"));
    ward.workers.front().fds = Fds{1000, 1024};
    ward.pass(1);
    EXPECT_EQ(ward.find("fd-exhaustion")->since_ns == since, soon);
  }
}

std::string no_port(int failures) {
  Ward ward;
  ward.worker(9);
  ward.destination("10.0.0.5:6379", {9});
  ward.pass(5, [&](int look) {
    Traffic& delta = ward.destinations.front().delta;
    delta.connects = 10;
    delta.failures[TW_REASON_EADDRNOTAVAIL] = look > 9 - failures ? 1 : 0;
    delta.established_out = 10 - delta.failures[TW_REASON_EADDRNOTAVAIL];
  });
  return ward.troubles();
}

TEST(Edges, ConnectsWithoutAPort) {
  EXPECT_EQ(no_port(2), "");
  EXPECT_EQ(no_port(3), "ephemeral-port-exhaustion");
}

std::string slow_search(std::uint64_t per_look, double seconds) {
  Ward ward;
  ward.worker(9);
  Traffic& delta = ward.destination("10.0.0.5:6379", {9}).delta;
  delta.connects = delta.established_out = per_look;
  timed(delta.kernel, seconds, per_look);
  ward.pass(4);
  return ward.troubles();
}

TEST(Edges, SlowPortSearches) {
  EXPECT_EQ(slow_search(2, 0.004), "") << "16 of them";
  EXPECT_EQ(slow_search(3, 0.004), "connect-slow-in-kernel") << "24";
  EXPECT_EQ(slow_search(100, 0.0008), "");
  EXPECT_EQ(slow_search(100, 0.0013), "connect-slow-in-kernel");
}

std::string waits(std::uint64_t waiting, std::int64_t established, double longest) {
  Ward ward;
  ward.worker(9);
  Destination& row = ward.destination("10.0.0.9:80", {9});
  row.delta.connects = row.delta.established_out = 1;
  row.states[TW_ESTABLISHED] = established;
  SocketFacts& facts = row.sockets.emplace();
  facts.waiting = waiting;
  facts.waiting_since = longest;
  ward.pass(5);
  return ward.troubles();
}

TEST(Edges, UnansweredConnections) {
  EXPECT_EQ(waits(4, 4, 5), "");
  EXPECT_EQ(waits(5, 5, 5), "slow-upstream");
  EXPECT_EQ(waits(40, 81, 5), "") << "under a half";
  EXPECT_EQ(waits(40, 80, 5), "slow-upstream");
  EXPECT_EQ(waits(40, 40, 1.9), "");
  EXPECT_EQ(waits(40, 40, 2.1), "slow-upstream");
}

std::string shares(double seconds, const std::vector<std::uint64_t>& accepts) {
  Ward ward;
  for (std::uint32_t pid = 1; pid <= accepts.size(); ++pid) {
    ward.worker(pid);
    Listener& row = ward.listener("0.0.0.0:443", {pid});
    row.reuseport_group = 1;
    row.accepts_delta = accepts[pid - 1];
  }
  ward.pass(seconds);
  return ward.troubles();
}

TEST(Edges, SharesOfAGroup) {
  EXPECT_EQ(shares(5, {0, 5}), "") << "25 per member";
  EXPECT_EQ(shares(5, {0, 7}), "accept-imbalance") << "35";
  EXPECT_EQ(shares(10, {7, 1, 1, 1}), "") << "2.8 times its share";
  EXPECT_EQ(shares(10, {10, 1, 1, 1}), "accept-imbalance") << "3.1 times";
}

std::string grows(std::int64_t most) {
  Ward ward;
  ward.worker(9);
  ward.pass(8, [&](int look) {
    ward.workers.front().states[TW_CLOSE_WAIT] = std::min<std::int64_t>(2 * look, most);
  });
  return ward.troubles();
}

TEST(Edges, GrowingCloseWait) {
  EXPECT_EQ(grows(19), "");
  EXPECT_EQ(grows(20), "close-wait-leak");
}

std::string inflow(std::int64_t first, std::int64_t per_look, std::uint32_t limit) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{10, limit};
  row.delta.accepts = static_cast<std::uint64_t>(per_look);
  ward.pass(6.5, [&](int look) {
    ward.workers.front().states[TW_ESTABLISHED] = first + per_look * look;
  });
  return ward.troubles();
}

TEST(Edges, Inflow) {
  EXPECT_EQ(inflow(300, 4, 1000), "") << "48 more";
  EXPECT_EQ(inflow(300, 5, 1000), "connection-inflow") << "60 more";
  EXPECT_EQ(inflow(3000, 5, 9000), "connection-inflow") << "594 s left";
  EXPECT_EQ(inflow(3000, 5, 9200), "") << "614 s left";
  EXPECT_EQ(inflow(900, 5, 4900), "") << "under a fifth is used, 394 s left";
}

TEST(Edges, WhatIsCritical) {
  for (const std::uint64_t failures : {49, 51}) {
    Ward ward;
    ward.worker(9);
    Traffic& delta = ward.destination("10.0.0.5:6379", {9}).delta;
    delta.connects = 100;
    delta.failures[TW_REASON_ECONNREFUSED] = failures;
    ward.pass(5);
    EXPECT_EQ(worst_severity(ward.findings()) == Severity::kCritical, failures > 50);
  }
  for (const std::uint64_t failures : {9, 10}) {
    Ward ward;
    ward.worker(9);
    Traffic& delta = ward.destination("10.0.0.5:6379", {9}).delta;
    ward.pass(5, [&](int look) {
      delta.connects = 100;
      delta.failures[TW_REASON_EADDRNOTAVAIL] = look == 9 ? failures : 0;
    });
    ASSERT_TRUE(ward.find("ephemeral-port-exhaustion"));
    EXPECT_EQ(worst_severity(ward.findings()) == Severity::kCritical, failures == 10);
  }
}

TEST(Edges, TimeUntilNoPortIsLeft) {
  for (const double left : {299, 301}) {
    Ward ward;
    ward.worker(9);
    Destination& row = ward.destination("10.0.0.5:6379", {9});
    row.delta.connects = row.delta.established_out = 10;
    row.ports = Ports{.used = 20'000, .available = 28'000, .exhausted_in = left};
    ward.pass(5);
    EXPECT_EQ(ward.find("ephemeral-port-exhaustion") != nullptr, left < 300);
  }
}

const Finding* of_clients(Ward& ward, std::uint64_t slow) {
  Worker& row = ward.worker(9);
  SocketFacts& facts = row.sockets.emplace();
  facts.slow = facts.active = slow;
  row.states[TW_ESTABLISHED] = static_cast<std::int64_t>(slow);
  ward.pass(5);
  return ward.find("slow-clients");
}

TEST(Edges, SlowClients) {
  Ward few, many;
  EXPECT_FALSE(of_clients(few, 19));
  EXPECT_TRUE(of_clients(many, 20));
}

std::string turns_away(int times, std::int64_t held) {
  Thresholds limits;
  limits.hold = 1;  // else six looks have to tell it, and five connections are no edge
  Ward ward(limits);
  ward.worker(9).states[TW_ESTABLISHED] = held;
  ward.pass(5, [&](int look) {
    ward.workers.front().delta.turned_away = look > 9 - times ? 1 : 0;
    ward.workers.front().delta.accepts = 1;
  });
  return ward.troubles();
}

TEST(Edges, ConnectionsTurnedAway) {
  EXPECT_EQ(turns_away(4, 60), "");
  EXPECT_EQ(turns_away(5, 60), "nginx-slots-exhausted");
  EXPECT_EQ(turns_away(9, 7), "") << "no ceiling";
  EXPECT_EQ(turns_away(9, 8), "nginx-slots-exhausted");
}

std::string flooded(std::uint32_t half_open, std::uint64_t cookies) {
  Ward ward;
  ward.worker(9);
  ward.listener("0.0.0.0:80", {9}).syn_queue = half_open;
  ward.netns.delta.cookies_sent = cookies;
  ward.pass(6);
  return ward.troubles();
}

TEST(Edges, Floods) {
  EXPECT_EQ(flooded(10, 4), "") << "48 cookies";
  EXPECT_EQ(flooded(10, 5), "syn-flood") << "60";
  EXPECT_EQ(flooded(999, 0), "");
  EXPECT_EQ(flooded(1000, 0), "syn-flood");
}

// Handshakes under way all the time, and none ends well.
TEST(Edges, HandshakesThatNobodyAnswers) {
  for (const std::int64_t under_way : {2, 3}) {
    Ward ward;
    ward.worker(9);
    Destination& row = ward.destination("10.0.0.5:6379", {9});
    row.delta.connects = 1;
    row.states[TW_SYN_SENT] = under_way;
    ward.pass(5);
    EXPECT_EQ(ward.troubles(), under_way == 3 ? "connect-timeout" : "");
  }
}

TEST(Edges, CookiesThatAreAnswered) {
  for (const std::uint64_t answered : {49, 51}) {
    Ward ward;
    ward.worker(9);
    ward.listener("0.0.0.0:80", {9}).syn_queue = 10;
    ward.netns.delta.cookies_sent = 100;
    ward.netns.delta.cookies_received = answered;
    ward.pass(6);
    EXPECT_EQ(ward.troubles(), answered < 50 ? "syn-flood" : "") << answered;
  }
}

std::string plays(std::int64_t held, std::int64_t less) {
  Thresholds limits;
  limits.hold = 1;
  Ward ward(limits);
  ward.worker(9);
  ward.pass(5, [&](int look) {
    Worker& row = ward.workers.front();
    row.delta.turned_away = row.delta.accepts = 1;
    row.states[TW_ESTABLISHED] = held - (look % 2 == 0 ? less : 0);
  });
  return ward.troubles();
}

TEST(Edges, CeilingsThatMoveUpAndDown) {
  EXPECT_EQ(plays(100, 9), "nginx-slots-exhausted");
  EXPECT_EQ(plays(100, 11), "") << "it falls by more than a tenth";
  EXPECT_EQ(plays(10, 2), "nginx-slots-exhausted") << "two go up and down anywhere";
  EXPECT_EQ(plays(10, 3), "");
}

// Full at half of the looks: the owner is slow, and no longer only bursts are too large.
std::string full_at(int of_ten) {
  Ward ward;
  ward.worker(9);
  Listener& row = ward.listener("0.0.0.0:80", {9}, 4);
  row.accepts_delta = 100;
  row.overflows_delta = {20, 1};
  row.queue_peak = 5;
  timed(row.accept_wait_delta, 0.0004, 100);
  ward.pass(10, [&](int look) { ward.listeners.front().queue_now = look % 10 < of_ten ? 5 : 1; });
  return ward.root();
}

TEST(Edges, LooksAtWhichTheQueueIsFull) {
  EXPECT_EQ(full_at(4), "backlog-capped");
  EXPECT_EQ(full_at(6), "accept-queue-overflow");
}

// A flood is one only where the accept queue has room.
TEST(Edges, FullQueuesAreNoFlood) {
  for (const int of_ten : {4, 6}) {
    Ward ward;
    ward.worker(9);
    Listener& row = ward.listener("0.0.0.0:80", {9}, 4);
    row.syn_queue = 10;
    row.accepts_delta = 100;
    ward.netns.delta.cookies_sent = 100;
    ward.pass(10, [&](int look) { ward.listeners.front().queue_now = look % 10 < of_ten ? 5 : 1; });
    EXPECT_EQ(ward.find("syn-flood") != nullptr, of_ten == 4) << of_ten;
  }
}

// Who waits long for accept() waits for a slow owner, however short the queue.
TEST(Edges, WaitsForAccept) {
  for (const bool slow : {false, true}) {
    Ward ward;
    ward.worker(9);
    Listener& row = ward.listener("0.0.0.0:80", {9}, 4);
    row.accepts_delta = 100;
    row.queue_peak = 5;
    row.queue_now = 1;
    row.overflows_delta = {20, 1};
    timed(row.accept_wait_delta, slow ? 0.13 : 0.08, 100);
    ward.pass(10);
    EXPECT_EQ(ward.find("backlog-capped") != nullptr, !slow);
  }
}

std::string storm(std::uint64_t per_look, std::uint64_t held) {
  Ward ward;
  ward.worker(9);
  Listener& row = ward.listener("0.0.0.0:80", {9});
  row.accepts_delta = per_look;
  row.sockets.emplace().active = held;
  ward.pass(5);
  return ward.troubles();
}

TEST(Edges, Storms) {
  EXPECT_EQ(storm(245, 10), "") << "490 a second";
  EXPECT_EQ(storm(255, 10), "short-connection-storm");
  EXPECT_EQ(storm(500, 510), "") << "they live for 0.51 s";
  EXPECT_EQ(storm(500, 490), "short-connection-storm");
}

}  // namespace
}  // namespace tcpwatch::test
