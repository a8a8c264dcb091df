// SPDX-License-Identifier: Apache-2.0
//
// Looks through the socket table as records: what snapshots say of them.
#include <gtest/gtest.h>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

const tw_worker kNginx = make_worker(42, 7);
constexpr const char* kRedis = "10.0.0.5:6379";

void sample(Stream& stream, std::uint32_t strangers = 0) {
  auto record = new_record<tw_sample>(stream.now);
  record.cost_ns = 3'000'000;
  record.interval_ns = kSecond;
  record.time_waits = 100;
  record.strangers = strangers;
  stream.send(record);
}

tw_sockets sockets(Stream& stream, const tw_flow_key& key) {
  auto record = new_record<tw_sockets>(stream.now);
  record.key = key;
  return record;
}

void ports(Stream& stream, std::uint32_t used, std::uint32_t time_waits,
           std::uint32_t reusable = 0) {
  auto record = new_record<tw_ports>(stream.now);
  record.destination = endpoint(kRedis);
  record.used = used;
  record.time_waits = time_waits;
  record.reusable = reusable;
  record.available = 28000;
  record.sources = 1;
  stream.send(record);
}

void leak(Stream& stream, const tw_flow_key& key, std::uint32_t number, std::uint64_t age,
          bool dated = true) {
  auto record = new_record<tw_close_waits>(stream.now);
  record.key = key;
  record.sockets = number;
  record.dated = dated ? number : 0;
  record.oldest_ns = age;
  record.oldest_dated = dated ? 1 : 0;
  record.oldest_peer = key.peer;
  record.ages[tw_bucket_of(age >> TW_AGE_SHIFT)] = number;
  stream.send(record);
}

TEST(ModelSample, UnknownBeforeTheFirstLookThenNothingIsZero) {
  Stream stream;
  const auto key = flow_key(TW_ROLE_OUT, kNginx, kRedis);
  stream.send(Slot(3, key).connect());
  auto snapshot = stream.tick();
  EXPECT_FALSE(snapshot->sample);
  EXPECT_FALSE(worker_of(*snapshot, kNginx)->sockets);
  EXPECT_FALSE(destination_of(*snapshot, kRedis)->ports);
  sample(stream);
  snapshot = stream.tick();
  ASSERT_TRUE(worker_of(*snapshot, kNginx)->sockets);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->sockets, SocketFacts{});
  EXPECT_EQ(destination_of(*snapshot, kRedis)->ports->used, 0U);
  ASSERT_TRUE(snapshot->sample);
  EXPECT_DOUBLE_EQ(snapshot->sample->age, 1);
  EXPECT_DOUBLE_EQ(snapshot->sample->cost, 0.003);
}

TEST(ModelSample, FinWait2OfClosedSocketsIsNoTimeWait) {
  Stream stream;
  stream.netns(1, 0, 0, 100);
  auto record = new_record<tw_sample>(stream.now);
  record.fin_waits = 30;
  stream.send(record);
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->time_wait, 70);
  EXPECT_EQ(snapshot->states[TW_FIN_WAIT2], 30);
}

TEST(ModelSample, FactsStandUntilTheNextLook) {
  Stream stream;
  const auto key = flow_key(TW_ROLE_OUT, kNginx, kRedis);
  stream.send(Slot(3, key).connect(TW_ESTABLISHED, 5));
  sample(stream, 30);
  auto told = sockets(stream, key);
  told.active = 2;
  told.idle = 3;
  told.waiting = 1;
  told.waiting_ns = 4 * kSecond;
  told.time_waits = 70;
  told.fin_waits = 2;
  stream.send(told);
  for (int look = 0; look < 2; ++look) {
    const auto snapshot = stream.tick();
    const auto& facts = *worker_of(*snapshot, kNginx)->sockets;
    EXPECT_EQ(facts.active, 2U);
    EXPECT_EQ(facts.idle, 3U);
    EXPECT_EQ(facts.waiting, 1U);
    EXPECT_DOUBLE_EQ(facts.waiting_since, 4);
    EXPECT_EQ(facts.waiting_for, kRedis);
    EXPECT_EQ(facts.time_waits, 70U);
    EXPECT_EQ(facts.fin_waits, 2U);
    EXPECT_EQ(destination_of(*snapshot, kRedis)->sockets, facts);
    EXPECT_EQ(snapshot->destinations.at(0).routes.at(0).time_waits(), 70U);
    EXPECT_EQ(snapshot->sample->strangers, 30U);
  }
  sample(stream);
  const auto snapshot = stream.tick();
  EXPECT_EQ(worker_of(*snapshot, kNginx)->sockets, SocketFacts{});
  EXPECT_EQ(snapshot->destinations.at(0).routes.at(0).time_waits(), 0U);
}

tw_inbound inbound(Stream& stream, const tw_flow_key& key, std::uint32_t cpu, std::uint32_t on_cpu,
                   std::uint32_t arrived) {
  auto record = new_record<tw_inbound>(stream.now);
  record.key = key;
  record.cpu = cpu;
  record.on_cpu = on_cpu;
  record.arrived = arrived;
  return record;
}

TEST(ModelSample, SlowClientsAndTheCpuOfMostArrivals) {
  Stream stream;
  const auto first = flow_key(TW_ROLE_IN, kNginx, "0.0.0.0:80");
  const auto second = flow_key(TW_ROLE_IN, make_worker(43, 7), "0.0.0.0:80");
  tw_listener listener{};
  listener.sk = 1;
  listener.address = first.peer;
  stream.send(1, listener);
  stream.send(Slot(3, first).step(TW_OUTSIDE, TW_ESTABLISHED, 50));
  stream.send(Slot(4, second).step(TW_OUTSIDE, TW_ESTABLISHED, 50));
  sample(stream);
  auto slow = inbound(stream, first, 1, 10, 10);
  slow.slow = 40;
  slow.slow_ns = 30 * kSecond;
  stream.send(slow);
  stream.send(inbound(stream, second, 0, 48, 50));
  stream.send(inbound(stream, second, 0, 2, 2));
  const auto snapshot = stream.tick();
  const SocketFacts facts = *worker_of(*snapshot, kNginx)->sockets;
  EXPECT_EQ(facts.slow, 40U);
  EXPECT_DOUBLE_EQ(facts.slow_since, 30);
  EXPECT_EQ(facts.arrivals, (Arrivals{10, 1, 10}));
  EXPECT_EQ(snapshot->listeners.at(0).sockets->arrivals, (Arrivals{62, 0, 50}));
  EXPECT_EQ(snapshot->listeners.at(0).sockets->slow, 40U);
}

TEST(ModelSample, LeaksOfAWorkerAddUpOverItsFlows) {
  Stream stream;
  const auto out = flow_key(TW_ROLE_OUT, kNginx, kRedis);
  const auto in = flow_key(TW_ROLE_IN, kNginx, "0.0.0.0:80");
  stream.send(Slot(3, out).connect());
  stream.send(Slot(4, in).step(TW_OUTSIDE, TW_ESTABLISHED));
  sample(stream);
  leak(stream, out, 10, 600 * kSecond);
  leak(stream, in, 4, 5 * kSecond, false);
  auto snapshot = stream.tick();
  const auto& all = *worker_of(*snapshot, kNginx)->sockets->close_waits;
  EXPECT_EQ(all.sockets, 14U);
  EXPECT_DOUBLE_EQ(all.oldest, 600);
  EXPECT_NEAR(all.median, 600, 75);
  EXPECT_LE(all.median, all.oldest);
  EXPECT_FALSE(all.exact) << "of four the FIN was not seen";
  EXPECT_TRUE(all.oldest_exact);
  EXPECT_EQ(all.peer, kRedis);
  EXPECT_TRUE(destination_of(*snapshot, kRedis)->sockets->close_waits->exact);
}

TEST(ModelSample, SlopeOfCloseWaitComesFromTheSteps) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_OUT, kNginx, kRedis));
  std::shared_ptr<const Snapshot> snapshot;
  for (int second = 0; second < 30; ++second) {
    stream.send(slot.connect().step(TW_ESTABLISHED, TW_CLOSE_WAIT));
    snapshot = stream.tick();
    if (second == 2) {
      EXPECT_FALSE(worker_of(*snapshot, kNginx)->close_wait_slope) << "too early";
    }
  }
  ASSERT_TRUE(worker_of(*snapshot, kNginx)->close_wait_slope);
  EXPECT_NEAR(*worker_of(*snapshot, kNginx)->close_wait_slope, 60, 1);
  for (int second = 0; second < 70; ++second) snapshot = stream.tick();
  EXPECT_EQ(worker_of(*snapshot, kNginx)->close_wait_slope, 0) << "they stay, no more come";
  stream.send(slot.step(TW_CLOSE_WAIT, TW_CLOSE, 30));
  for (int second = 0; second < 70; ++second) snapshot = stream.tick();
  EXPECT_FALSE(worker_of(*snapshot, kNginx)->close_wait_slope) << "nothing leaks";
}

// 500 a second, all to TIME_WAIT: 30,000 would be held, more than there are.
TEST(ModelSample, PortsRunOutAtTheirRate) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_OUT, kNginx, kRedis));
  std::shared_ptr<const Snapshot> snapshot;
  for (std::uint32_t second = 1; second <= 20; ++second) {
    stream.send(slot.connect(TW_ESTABLISHED, 500));
    sample(stream);
    ports(stream, 500 * second, 500 * second);
    snapshot = stream.tick();
  }
  const Ports& towards = *destination_of(*snapshot, kRedis)->ports;
  EXPECT_EQ(towards.used, 10000U);
  EXPECT_EQ(towards.available, 28000U);
  ASSERT_TRUE(towards.exhausted_in);
  EXPECT_NEAR(*towards.exhausted_in, 18000 / 500.0, 1);
}

// 100 a second level off at 6,000.
TEST(ModelSample, PortsThatLevelOffAreNotUsedUp) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_OUT, kNginx, kRedis));
  std::shared_ptr<const Snapshot> snapshot;
  for (std::uint32_t second = 1; second <= 20; ++second) {
    stream.send(slot.connect(TW_ESTABLISHED, 100));
    sample(stream);
    ports(stream, 100 * second, 100 * second);
    snapshot = stream.tick();
  }
  EXPECT_FALSE(destination_of(*snapshot, kRedis)->ports->exhausted_in);
}

TEST(ModelSample, ReusablePortsAreNotTaken) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_OUT, kNginx, kRedis));
  stream.send(slot.connect(TW_ESTABLISHED, 500));
  sample(stream);
  ports(stream, 28000, 28000);
  auto snapshot = stream.tick();
  EXPECT_EQ(destination_of(*snapshot, kRedis)->ports->exhausted_in, 0);
  sample(stream);
  ports(stream, 28000, 28000, 27000);
  snapshot = stream.tick();
  EXPECT_NE(destination_of(*snapshot, kRedis)->ports->exhausted_in, 0);
  sample(stream);
  snapshot = stream.tick();
  EXPECT_EQ(destination_of(*snapshot, kRedis)->ports->used, 0U);
  EXPECT_EQ(destination_of(*snapshot, kRedis)->ports->available, 28000U) << "that stays true";
}

}  // namespace
}  // namespace tcpwatch::test
