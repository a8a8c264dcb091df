// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/filter.h"
#include "model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kNginx = make_worker(4242, 17);

TEST(ModelFacts, HostAndTime) {
  Stream stream;
  const auto snapshot = stream.tick(1'500'000'000);
  EXPECT_EQ(snapshot->host, "web-7");
  EXPECT_EQ(snapshot->kernel, "6.18.44");
  EXPECT_DOUBLE_EQ(snapshot->interval, 1.5) << "the first interval begins with the first record";
  EXPECT_EQ(snapshot->realtime_ns, 1'700'000'001'500'000'000u);
}

TEST(ModelFacts, TimeThatStandsStillIsNoInterval) {
  Stream stream;
  stream.tick();
  EXPECT_DOUBLE_EQ(stream.tick(0)->interval, 0.0);
  stream.now -= 5 * kSecond;
  EXPECT_DOUBLE_EQ(stream.tick(0)->interval, 0.0);
}

TEST(ModelFacts, HooksKeepTheirOrderAndAreReplacedWhenToldAgain) {
  Stream stream;
  stream.hook("states", "tp_btf");
  stream.hook("accepts", "fentry", false);
  stream.hook("accepts", "cgroup");
  stream.hook("accepts", "fentry", false);
  stream.hook("states", "tp_btf", false);
  const auto hooks = stream.tick()->hooks;
  ASSERT_EQ(hooks.size(), 3u);
  EXPECT_EQ(hooks[0].signal, "states");
  EXPECT_FALSE(hooks[0].chosen);
  EXPECT_EQ(hooks[1].mechanism, "fentry");
  EXPECT_EQ(hooks[2].mechanism, "cgroup");
}

TEST(ModelFacts, LossIsCumulative) {
  Stream stream;
  auto loss = new_record<tw_loss>(stream.now);
  loss.lost[TW_KIND_CONNECT] = 3;
  loss.lost[TW_KIND_CLOSED] = 4;
  loss.untold = 70;
  loss.untracked = 2;
  stream.send(loss);
  const auto first = stream.tick();
  EXPECT_EQ(first->lost_delta.events, 7u);
  EXPECT_EQ(first->lost_delta.untracked, 2u);
  EXPECT_EQ(first->lost_total.untold, 70u) << "as was wanted, not lost";
  loss.lost[TW_KIND_CONNECT] = 5;
  stream.send(loss);
  const auto second = stream.tick();
  EXPECT_EQ(second->lost_delta.events, 2u);
  EXPECT_EQ(second->lost_total.events, 9u);
}

TEST(ModelFacts, OwnCostIsOfTheInterval) {
  Stream stream;
  EXPECT_FALSE(stream.tick()->own_cpu) << "not told";
  auto self = new_record<tw_self>(stream.now);
  self.cpu_ns = 900'000'000;
  stream.send(self);
  EXPECT_FALSE(stream.tick()->own_cpu) << "the start is not this interval";
  self.cpu_ns += 4'000'000;
  stream.send(self);
  EXPECT_DOUBLE_EQ(stream.tick()->own_cpu.value_or(-1), 0.004);
}

TEST(ModelFacts, NamespacesCountFromTheirFirstRecord) {
  Stream stream;
  EXPECT_FALSE(stream.tick()->time_wait) << "unknown is not 0";
  stream.netns(1, 149'000'000, 150'000'000, 10);
  stream.netns(2, 0, 0, 5);
  const auto first = stream.tick();
  ASSERT_EQ(first->netns.size(), 2u);
  EXPECT_EQ(first->netns[0].delta.listen_overflows, 0u);
  EXPECT_EQ(first->time_wait, 15);
  EXPECT_EQ(first->host_netns, 1U) << "the first that there was";
  EXPECT_EQ(filtered(*first, {.netns = 2}).host_netns, 1U) << "of whatever a part is seen";
  stream.netns(1, 149'000'007, 150'000'009, 11);
  stream.netns(2, 0, 0, 5);
  const auto second = stream.tick();
  EXPECT_EQ(second->netns[0].delta.listen_overflows, 7u);
  EXPECT_EQ(second->netns[0].delta.listen_drops, 9u);
  EXPECT_EQ(second->netns[0].total.listen_drops, 150'000'009u);
  EXPECT_EQ(second->time_wait, 16);
  stream.netns(1, 3, 3);  // the inode number of another namespace by now
  EXPECT_EQ(stream.tick()->netns[0].delta.listen_overflows, 3u);
}

TEST(ModelFacts, AVanishedNamespaceLeaves) {
  Stream stream;
  stream.netns(1, 0, 0, 10);
  stream.tick();
  stream.netns(2, 0, 0, 5);
  EXPECT_EQ(stream.tick(59 * kSecond)->netns.at(0).inode, 2u);
}

void track(Stream& stream, std::uint32_t netns, std::uint32_t count, std::uint64_t dropped) {
  auto record = new_record<tw_conntrack>(stream.now);
  record.netns = netns;
  record.count = count;
  record.max = 262144;
  record.dropped = dropped;
  stream.send(record);
}

TEST(ModelFacts, ConntrackBelongsToItsNamespace) {
  Stream stream;
  stream.netns(1, 0, 0);
  EXPECT_FALSE(stream.tick()->netns.at(0).conntrack) << "not told is not 0";
  stream.netns(1, 0, 0);
  track(stream, 1, 5000, 40);
  track(stream, 7, 1, 1);
  const auto first = stream.tick();
  ASSERT_EQ(first->netns.size(), 1U);
  ASSERT_TRUE(first->netns[0].conntrack);
  EXPECT_EQ(first->netns[0].conntrack->count, 5000U);
  EXPECT_EQ(first->netns[0].conntrack->dropped_delta, 0U) << "what was before is not this interval";
  stream.netns(1, 0, 0);
  track(stream, 1, 5001, 43);
  EXPECT_EQ(stream.tick()->netns.at(0).conntrack->dropped_delta, 3U);
  stream.netns(1, 0, 0);
  EXPECT_FALSE(stream.tick()->netns.at(0).conntrack) << "the module is gone";
}

TEST(ModelFacts, WhatProcessesDoIsOfTheIntervalAlone) {
  Stream stream;
  auto record = new_record<tw_activity>(stream.now);
  record.pid = 9;
  record.state = 'R';
  record.looked_ns = kSecond;
  record.waited_ns = kSecond / 4;
  record.limit = 50;
  stream.send(record);
  record.waited_ns = TW_UNKNOWN_NS;
  stream.send(record);
  const auto told = stream.tick();
  ASSERT_EQ(told->activities.size(), 2U);
  EXPECT_EQ(told->activities[0].pid, 9U);
  EXPECT_EQ(told->activities[0].waited, 0.25);
  EXPECT_NEAR(told->activities[0].limit, 0.05, 1e-12);
  EXPECT_LT(told->activities[1].waited, 0) << "not known";
  EXPECT_TRUE(stream.tick()->activities.empty());
}

TEST(ModelFacts, SteeringCountsSinceTheTickBefore) {
  Stream stream;
  auto record = new_record<tw_steering>(stream.now);
  record.netns = 1;
  record.packets = 1000;
  record.packets_cpu = 700;
  stream.send(record);
  EXPECT_EQ(stream.tick()->steering.at(0).packets_delta, 0U);
  record.packets = 1100;
  record.packets_cpu = 790;
  stream.send(record);
  const auto told = stream.tick();
  EXPECT_EQ(told->steering.at(0).packets_delta, 100U);
  EXPECT_EQ(told->steering.at(0).packets_cpu_delta, 90U);
  EXPECT_TRUE(stream.tick()->steering.empty());
}

void stub_status(Stream& stream, std::uint64_t accepts, std::uint64_t handled) {
  auto record = new_record<tw_nginx>(stream.now);
  record.server = endpoint("127.0.0.1:8081");
  record.accepts = accepts;
  record.handled = handled;
  record.waiting = 12;
  stream.send(record);
}

TEST(ModelFacts, ServersTellOfThemselves) {
  Stream stream;
  EXPECT_TRUE(stream.tick()->servers.empty());
  stub_status(stream, 1000, 990);
  EXPECT_EQ(stream.tick()->servers.at(0).delta.accepts, 0U);
  stub_status(stream, 1100, 1040);
  const Server server = stream.tick()->servers.at(0);
  EXPECT_EQ(server.address, "127.0.0.1:8081");
  EXPECT_EQ(server.delta.accepts, 100U);
  EXPECT_EQ(server.delta.handled, 50U);
  EXPECT_EQ(server.delta.waiting, 12U) << "a level, not a counter";
  stub_status(stream, 7, 7);
  EXPECT_EQ(stream.tick()->servers.at(0).delta.handled, 7U) << "it was restarted";
  EXPECT_TRUE(stream.tick(61 * kSecond)->servers.empty());
}

TEST(ModelFacts, ProcessesTellWhatTheyAre) {
  Stream stream;
  stream.send(Slot(1, flow_key(TW_ROLE_OUT, kNginx, "10.0.0.5:6379"), "old-name").connect());
  const std::string id(64, 'a');
  stream.process(kNginx, true, "nginx", "/system.slice/docker-" + id + ".scope");
  const Worker worker = stream.tick()->workers.at(0);
  EXPECT_EQ(worker.comm, "nginx");
  EXPECT_EQ(worker.container, id);
  ASSERT_TRUE(worker.fds);
  EXPECT_EQ(worker.fds->open, 40u);
  stream.process(kNginx, false, "", "");
  const Worker dead = stream.tick()->workers.at(0);
  EXPECT_EQ(dead.comm, "nginx") << "the last word of a process that has ended stands";
  EXPECT_EQ(dead.container, id);
}

TEST(ModelFacts, DeadStrangersMakeNoRow) {
  Stream stream;
  stream.process(make_worker(1, 1), false);
  stream.process(0, true);
  stream.process(make_worker(2, 1), true);
  EXPECT_EQ(stream.tick()->workers.size(), 1u);
}

TEST(ModelFacts, StoriesChangeNothing) {
  Stream stream;
  stream.tick();
  Stream other;
  other.tick();
  other.send(new_record<tw_connect>(other.now));
  other.send(new_record<tw_closed>(other.now));
  other.send(new_record<tw_drops>(other.now));
  other.send(new_record<tw_step_record>(other.now));
  EXPECT_EQ(dump(*stream.tick()), dump(*other.tick()));
}

}  // namespace
}  // namespace tcpwatch::test
