// SPDX-License-Identifier: Apache-2.0
//
// Slow clients, storms of short connections, servers without a free slot, packets that one CPU
// takes in or connection tracking drops: when they are found, when not, and what explains what.
#include <gtest/gtest.h>

#include "unit/diagnosis_support.h"

namespace tcpwatch::test {
namespace {

Worker& slow_clients(Ward& ward, std::uint64_t slow, std::uint64_t others, std::uint32_t limit) {
  Worker& row = ward.worker(9);
  row.fds = Fds{10, limit};
  row.states[TW_ESTABLISHED] = static_cast<std::int64_t>(slow + others);
  SocketFacts& facts = row.sockets.emplace();
  facts.slow = slow;
  facts.active = slow + others;
  facts.slow_since = 22;
  return row;
}

TEST(SlowClients, HarmWhereTheyTakeTheRoom) {
  Ward ward;
  slow_clients(ward, 300, 20, 1024);
  ward.pass(2);
  EXPECT_EQ(ward.findings().size(), 0U) << "not yet";
  ward.pass(3);
  EXPECT_EQ(ward.troubles(), "slow-clients");
  EXPECT_EQ(ward.findings().front().subject.pid, 9U);
  EXPECT_EQ(ward.findings().front().evidence[0].value, 300);
  ward.workers.front().sockets->slow = 0;
  ward.pass(0.5);
  EXPECT_EQ(ward.troubles(), "") << "they are gone";
}

TEST(SlowClients, APoolThatIsReadyIsHealthy) {
  Ward ward;
  slow_clients(ward, 100, 0, 10'000);
  ward.pass(10);
  EXPECT_EQ(ward.troubles(), "") << "it takes a hundredth of the room";
  ASSERT_TRUE(ward.find("slow-clients"));
  EXPECT_EQ(ward.find("slow-clients")->severity, Severity::kInfo);
}

TEST(SlowClients, FewAmongManyAreHealthy) {
  Ward ward;
  slow_clients(ward, 19, 0, 20);
  slow_clients(ward, 300, 301, 1024).id.pid = 10;
  ward.pass(10);
  EXPECT_EQ(ward.findings().size(), 0U);
}

TEST(SlowClients, ExplainWhyNoSlotIsFree) {
  Ward ward;
  Worker& row = slow_clients(ward, 60, 3, 16384);
  row.delta.turned_away = 4;
  row.delta.accepts = 5;
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted slow-clients");
  EXPECT_EQ(ward.root(), "slow-clients");
}

Listener& storm(Ward& ward, std::uint64_t per_look, std::uint64_t held) {
  ward.worker(9).delta.accepts = per_look;
  Listener& row = ward.listener("0.0.0.0:80", {9});
  row.accepts_delta = per_look;
  row.sockets.emplace().active = held;
  return row;
}

TEST(Storms, ManyConnectionsThatLiveAMoment) {
  Ward ward;
  storm(ward, 400, 20);
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "") << "a burst";
  ward.pass(3);
  EXPECT_EQ(ward.troubles(), "short-connection-storm");
  const Finding& finding = ward.findings().front();
  EXPECT_EQ(finding.subject.listener, "0.0.0.0:80");
  EXPECT_NEAR(finding.evidence[0].value, 800, 1);
  EXPECT_NEAR(finding.evidence[1].value, 20 / 800.0, 0.001) << "their mean life";
  ward.listeners.front().accepts_delta = 100;
  ward.pass(0.5);
  EXPECT_EQ(ward.troubles(), "") << "over";
}

TEST(Storms, ConnectionsThatStayAreNone) {
  Ward ward;
  storm(ward, 400, 2'000);
  ward.pass(10);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Storms, AGroupIsOneAddress) {
  Ward ward;
  for (int i = 0; i < 4; ++i) storm(ward, 100, 20).reuseport_group = 1;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "short-connection-storm");
}

TEST(Storms, UnknownLevelsAreNotJudged) {
  Ward ward;
  storm(ward, 400, 20).sockets.reset();
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "") << "how many there are at a time is not known";
}

TEST(Storms, WhoConnectsMakesTheListenersStorm) {
  Ward ward;
  storm(ward, 400, 20);
  ward.worker(7, "php");
  Destination& row = ward.destination("127.0.0.1:80", {7});
  row.delta.connects = row.delta.established_out = 400;
  row.states[TW_ESTABLISHED] = 20;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "short-connection-storm short-connection-storm");
  ASSERT_TRUE(root_cause(ward.findings()));
  EXPECT_EQ(root_cause(ward.findings())->subject.destination, "127.0.0.1:80");
}

TEST(Slots, ByWhatTheServerSays) {
  Ward ward;
  ward.worker(9).delta.accepts = 20;
  ward.listener("0.0.0.0:80", {9});
  Server& server = ward.servers.emplace_back();
  server.address = "127.0.0.1:80";
  server.netns = Ward::kNetns;
  server.delta.accepts = 20;
  server.delta.handled = 20;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "") << "all are handled";
  ward.servers.front().delta.handled = 17;
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "");
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted");
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
  EXPECT_EQ(ward.findings().front().subject.pid, 9U) << "who accepts there";
  EXPECT_EQ(ward.findings().front().evidence[0].value, 8 * 3);
  ward.servers.front().delta.handled = 20;
  ward.pass(4);
  EXPECT_EQ(ward.troubles(), "") << "over";
}

Worker& full(Ward& ward, std::int64_t held, std::uint64_t turned_away) {
  Worker& row = ward.worker(9);
  row.states[TW_ESTABLISHED] = held;
  row.delta.accepts = 10;
  row.delta.turned_away = turned_away;
  return row;
}

// An agent's check beside kept connections: a word to everybody, and those that are held are
// another port's.
TEST(Slots, AreNotShortWhereAnotherPortHoldsWhatIsHeld) {
  Ward ward;
  full(ward, 60, 8);
  ward.listener("0.0.0.0:443", {9}).sockets.emplace().idle = 60;
  Listener& check = ward.listener("0.0.0.0:8001", {9});
  check.accepts_delta = 10;
  check.sockets.emplace();
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "");
  ward.listeners.back().sockets->idle = 60;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted");
}

TEST(Slots, ByWhatIsSeen) {
  Ward ward;
  full(ward, 60, 8);
  ward.pass(2.5);
  EXPECT_EQ(ward.troubles(), "") << "a burst";
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted");
  EXPECT_EQ(ward.findings().front().evidence[2].value, 60) << "its ceiling";
  ward.workers.front().delta.turned_away = 0;
  ward.pass(4);
  EXPECT_EQ(ward.troubles(), "");
}

TEST(Slots, ServersThatTurnAwayWithoutACeilingHaveTheirReasons) {
  Ward ward;
  full(ward, 0, 8);
  ward.pass(10,
            [&](int look) { ward.workers.front().states[TW_ESTABLISHED] = 40 + 3 * (look % 5); });
  EXPECT_EQ(ward.troubles(), "") << "it holds more, and then less";
  ward.pass(10, [&](int) { ward.workers.front().states[TW_ESTABLISHED] = 5; });
  EXPECT_EQ(ward.troubles(), "") << "it holds next to nothing";
}

TEST(Slots, ToldOnce) {
  Ward ward;
  full(ward, 60, 8);
  ward.listener("0.0.0.0:80", {9});
  Server& server = ward.servers.emplace_back();
  server.address = "127.0.0.1:80";
  server.netns = Ward::kNetns;
  server.delta.accepts = 10;
  server.delta.handled = 2;
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted");
  EXPECT_EQ(ward.findings().front().evidence[0].source, "stub_status");
}

void group(Ward& ward, std::uint64_t first, std::uint64_t second, const Arrivals& arrivals) {
  for (const auto& [pid, accepts] : {std::pair{8U, first}, std::pair{9U, second}}) {
    ward.worker(pid).delta.accepts = accepts;
    Listener& row = ward.listener("0.0.0.0:80", {pid});
    row.reuseport_group = 1;
    row.accepts_delta = accepts;
    row.sockets.emplace().arrivals = arrivals;
  }
}

TEST(Steering, OneCpuTakesInEverything) {
  Ward ward;
  group(ward, 20, 0, {50, 0, 50});
  ward.pass(5);
  EXPECT_EQ(ward.root(), "cpu-steering");
  EXPECT_EQ(ward.troubles(), "accept-imbalance cpu-steering");
  EXPECT_EQ(ward.find("cpu-steering")->subject.pid, 8U) << "who gets all of it";
}

TEST(Steering, EqualSharesAreNoTrouble) {
  Ward ward;
  group(ward, 10, 10, {50, 0, 50});
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "");
  EXPECT_TRUE(ward.find("cpu-steering")) << "told, since it limits what the machine can take in";
}

TEST(Steering, SpreadPacketsOrLoopbackAreNotSteered) {
  Ward spread;
  group(spread, 20, 0, {50, 0, 40});
  spread.pass(5);
  EXPECT_EQ(spread.root(), "accept-imbalance");
  Ward few;
  group(few, 20, 0, {19, 0, 19});
  few.pass(5);
  EXPECT_EQ(few.root(), "accept-imbalance");
}

TEST(Steering, WhatTheMasksSay) {
  Ward ward;
  group(ward, 20, 0, {50, 3, 50});
  Steering& seen = ward.steering.emplace_back();
  seen.netns = Ward::kNetns;
  seen.cpu = 3;
  seen.packets_delta = 1000;
  seen.packets_cpu_delta = 900;
  seen.queues = 4;
  seen.to_cpu = 1;
  seen.queue = "eth0 rx-2";
  ward.pass(5);
  const Finding& mask = *ward.find("cpu-steering");
  EXPECT_NE(mask.summary.find("1 of 4 receive queues is steered to that CPU alone (eth0 rx-2)"),
            std::string::npos)
      << mask.summary;
  EXPECT_NE(mask.next_step.find("/sys/class/net/eth0/queues/rx-2/rps_cpus"), std::string::npos);
  EXPECT_EQ(mask.unseen, "");
  const double sure = mask.confidence;
  ward.steering[0].to_cpu = 0;
  ward.steering[0].unspread = 4;
  ward.pass(1);
  EXPECT_NE(ward.find("cpu-steering")->summary.find("no receive queue has a mask"),
            std::string::npos);
  for (const bool read : {false, true}) {
    ward.steering[0].queues = 0;
    if (!read) ward.steering[0].cpu = 1;  // it is about another CPU
    ward.pass(1);
    EXPECT_LT(ward.find("cpu-steering")->confidence, sure);
    EXPECT_NE(ward.find("cpu-steering")->unseen.find("rps_cpus"), std::string::npos);
  }
}

TEST(Tracking, FullTablesDropPackets) {
  Ward ward;
  Conntrack& table = ward.netns.conntrack.emplace();
  table.max = 1000;
  table.count = 890;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "");
  table.count = 950;
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "") << "not yet";
  ward.pass(2);
  EXPECT_EQ(ward.troubles(), "conntrack-full");
  EXPECT_EQ(ward.findings().front().severity, Severity::kWarning);
  table.dropped_delta = 3;
  ward.pass(0.5);
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical);
  table.dropped_delta = 0;
  table.count = 985;
  ward.pass(5);
  EXPECT_EQ(ward.findings().front().severity, Severity::kCritical) << "nearly full";
  ward.netns.conntrack.reset();
  ward.pass(0.5);
  EXPECT_EQ(ward.troubles(), "") << "there is no table";
}

TEST(Tracking, ExplainsHandshakesWithoutAnAnswer) {
  Ward ward;
  Conntrack& table = ward.netns.conntrack.emplace();
  table.max = table.count = 1000;
  ward.worker(7, "php");
  Destination& row = ward.destination("10.0.0.9:80", {7});
  row.delta.connects = 2;
  row.states[TW_SYN_SENT] = 10;
  ward.pass(6);
  EXPECT_EQ(ward.root(), "conntrack-full");
}

TEST(Upstreams, WhoWaitsIsNamed) {
  Ward ward;
  ward.worker(8);
  ward.worker(9);
  Destination& row = ward.destination("10.0.0.9:8080", {8, 9});
  row.delta.connects = row.delta.established_out = 10;
  row.states[TW_ESTABLISHED] = 40;
  row.sockets.emplace().waiting = 35;
  row.sockets->waiting_since = 4.2;
  const auto traffic = std::make_shared<const Traffic>();
  for (const auto& [pid, waiting] : {std::pair{8U, 5U}, std::pair{9U, 30U}}) {
    auto facts = std::make_shared<SocketFacts>();
    facts->waiting = waiting;
    row.routes.push_back({{pid, 100}, traffic, traffic, facts});
  }
  ward.pass(5);
  ASSERT_EQ(ward.troubles(), "slow-upstream");
  EXPECT_EQ(ward.findings().front().subject.pid, 9U) << "most of them are its own";
  EXPECT_EQ(ward.findings().front().pids, (std::vector<std::uint32_t>{9, 8}));
  EXPECT_EQ(ward.findings().front().evidence.back().value, 30);
}

// Clients of a proxy wait because it waits itself.
TEST(Upstreams, AChainOfThem) {
  Ward ward;
  ward.worker(7, "php");
  ward.worker(9);
  ward.listener("0.0.0.0:80", {9});
  const auto traffic = std::make_shared<const Traffic>();
  auto facts = std::make_shared<SocketFacts>();
  facts->waiting = 30;
  for (const auto& [pid, address] : {std::pair{7U, "127.0.0.1:80"}, std::pair{9U, "10.0.0.9:80"}}) {
    Destination& row = ward.destination(address, {pid});
    row.delta.connects = row.delta.established_out = 10;
    row.states[TW_ESTABLISHED] = 40;
    row.sockets.emplace().waiting = 30;
    row.sockets->waiting_since = pid == 7 ? 6 : 4;
    row.routes.push_back({{pid, 100}, traffic, traffic, facts});
  }
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "slow-upstream slow-upstream");
  ASSERT_TRUE(root_cause(ward.findings()));
  EXPECT_EQ(root_cause(ward.findings())->subject.pid, 9U);
}

// The proxy cannot even connect.
TEST(Upstreams, WaitForAServerThatWaitsToConnect) {
  Ward ward;
  ward.worker(7, "php");
  ward.worker(9);
  ward.listener("0.0.0.0:80", {9});
  const auto traffic = std::make_shared<const Traffic>();
  auto facts = std::make_shared<SocketFacts>();
  facts->waiting = 30;
  Destination& proxy = ward.destination("127.0.0.1:80", {7});
  proxy.delta.connects = proxy.delta.established_out = 10;
  proxy.states[TW_ESTABLISHED] = 40;
  proxy.sockets.emplace().waiting = 30;
  proxy.sockets->waiting_since = 6;
  proxy.routes.push_back({{7, 100}, traffic, traffic, facts});
  Destination& silent = ward.destination("10.0.0.9:80", {9});
  silent.delta.connects = 5;
  silent.states[TW_SYN_SENT] = 60;
  ward.pass(5);
  EXPECT_EQ(ward.troubles(), "connect-timeout slow-upstream");
  const Finding* waits = ward.find("slow-upstream");
  ASSERT_TRUE(waits && waits->cause);
  EXPECT_EQ(waits->cause->id, "connect-timeout");
}

// Its slots are full: it stopped taking connections by itself.
TEST(Upstreams, ExplainWhyNobodyAccepts) {
  Ward ward;
  slow_clients(ward, 60, 3, 16384);
  Listener& row = ward.listener("0.0.0.0:80", {9});
  row.queue_now = row.queue_peak = 40;
  ward.does(9, 'S', "ep_poll");
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "worker-not-accepting slow-clients");
  EXPECT_EQ(ward.root(), "slow-clients");
  Ward stopped;
  slow_clients(stopped, 60, 3, 16384);
  stopped.listener("0.0.0.0:80", {9}).queue_now = 40;
  stopped.does(9, 'T', "do_signal_stop");
  stopped.pass(6);
  EXPECT_EQ(stopped.root(), "worker-not-accepting");
}

TEST(Upstreams, WithoutRoomTheyNeedNotBeNew) {
  Ward ward;
  Worker& row = full(ward, 60, 8);
  row.sockets.emplace().active = 60;
  Destination& upstream = ward.destination("10.0.0.9:8080", {9});
  upstream.states[TW_ESTABLISHED] = 30;
  upstream.sockets.emplace().waiting = 30;
  upstream.sockets->waiting_since = 40;
  auto facts = std::make_shared<SocketFacts>();
  facts->waiting = 30;
  const auto traffic = std::make_shared<const Traffic>();
  upstream.routes.push_back({{9, 100}, traffic, traffic, facts});
  ward.pass(6);
  EXPECT_EQ(ward.troubles(), "nginx-slots-exhausted slow-upstream");
  EXPECT_EQ(ward.root(), "slow-upstream");
}

TEST(Upstreams, IdleConnectionsToAnUpstreamAreNamed) {
  Ward ward;
  Worker& row = ward.worker(9);
  row.fds = Fds{700, 1024};
  row.sockets.emplace().idle = 600;
  row.sockets->active = 50;
  Destination& upstream = ward.destination("10.0.0.9:8080", {9});
  upstream.delta.connects = 1;
  auto facts = std::make_shared<SocketFacts>();
  facts->idle = 500;
  const auto traffic = std::make_shared<const Traffic>();
  upstream.routes.push_back({{9, 100}, traffic, traffic, facts});
  ward.pass(5);
  ASSERT_EQ(ward.troubles(), "keepalive-pileup");
  EXPECT_EQ(ward.findings().front().subject.destination, "10.0.0.9:8080");
}

}  // namespace
}  // namespace tcpwatch::test
