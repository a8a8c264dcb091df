// SPDX-License-Identifier: Apache-2.0
//
// Who leaves the model, and what happens when its tables are full.
#include <gtest/gtest.h>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kNginx = make_worker(4242, 17);

Slot out_slot(std::uint32_t slot, tw_worker worker, std::string_view peer = "10.0.0.5:6379") {
  return Slot(slot, flow_key(TW_ROLE_OUT, worker, peer)).connect();
}

TEST(ModelAge, WorkersWithoutFlowsLeaveAfterTheGrace) {
  Stream stream;
  stream.send(out_slot(1, kNginx));
  stream.tick();
  stream.gone(1);
  EXPECT_EQ(stream.tick(59 * kSecond)->workers.size(), 1u);
  EXPECT_EQ(stream.tick(kSecond)->workers.size(), 1u) << "shown once more, then it is gone";
  const auto snapshot = stream.tick();
  EXPECT_TRUE(snapshot->workers.empty());
  EXPECT_TRUE(snapshot->destinations.empty());
  EXPECT_EQ(snapshot->total.connects, 1u);
  EXPECT_EQ(snapshot->unowned.total.connects, 1u);
  EXPECT_EQ(snapshot->unowned.delta.connects, 0u);
}

TEST(ModelAge, WorkersWithFlowsStay) {
  Stream stream;
  stream.send(out_slot(1, kNginx));
  EXPECT_EQ(stream.tick(3600 * kSecond)->workers.size(), 1u);
  EXPECT_EQ(stream.tick(3600 * kSecond)->workers.size(), 1u);
}

TEST(ModelAge, LivingProcessesStay) {
  Stream stream;
  stream.send(out_slot(1, kNginx));
  stream.process(kNginx, true);
  stream.gone(1);
  stream.tick(100 * kSecond);
  const auto living = stream.tick(100 * kSecond);
  ASSERT_EQ(living->workers.size(), 1u);
  EXPECT_TRUE(living->destinations.empty());
  EXPECT_TRUE(living->workers[0].alive);
  stream.process(kNginx, false);
  const auto dead = stream.tick();
  ASSERT_EQ(dead->workers.size(), 1u);
  EXPECT_FALSE(dead->workers[0].alive);
  EXPECT_FALSE(dead->workers[0].fds);
  stream.tick(60 * kSecond);
  EXPECT_TRUE(stream.tick()->workers.empty());
}

TEST(ModelAge, AReturningWorkerCountsOn) {
  Stream stream;
  stream.send(out_slot(1, kNginx));
  stream.tick();
  stream.gone(1);
  stream.tick(30 * kSecond);
  stream.send(out_slot(2, kNginx));
  stream.tick(59 * kSecond);
  EXPECT_EQ(stream.tick(59 * kSecond)->workers.at(0).total.connects, 2u);
}

TEST(ModelAge, ShortProcessesMakeRoomForNewOnes) {
  Stream stream({.workers = 16});
  for (std::uint32_t pid = 1; pid <= 1000; ++pid) {
    stream.send(out_slot(1, make_worker(pid, 1)));
    stream.gone(1);
  }
  const auto snapshot = stream.tick();
  EXPECT_LE(snapshot->workers.size(), 16u);
  EXPECT_NE(worker_of(*snapshot, make_worker(1000, 1)), nullptr);
  EXPECT_EQ(snapshot->delta.connects, 1000u);
  EXPECT_EQ(snapshot->lost_total.folded, 0u);
  EXPECT_EQ(snapshot->unowned.delta.connects + snapshot->workers.size(), 1000u);
}

TEST(ModelAge, WithoutRoomWorkersAreFoldedAndCounted) {
  Stream stream({.workers = 4});
  for (std::uint32_t pid = 1; pid <= 10; ++pid) stream.send(out_slot(pid, make_worker(pid, 1)));
  for (std::uint32_t pid = 1; pid <= 10; ++pid)
    stream.send(out_slot(pid, make_worker(pid, 1)));  // counted once each
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->workers.size(), 4u);
  EXPECT_EQ(snapshot->lost_delta.folded, 6u);
  EXPECT_EQ(snapshot->unowned.total.connects, 6u);
  EXPECT_EQ(snapshot->unowned.states[TW_ESTABLISHED], 6);
  EXPECT_EQ(snapshot->destinations.at(0).total.connects, 10u);
  EXPECT_EQ(snapshot->destinations.at(0).routes.size(), 4u);
}

TEST(ModelAge, AFoldedWorkerGetsItsRowOnceThereIsRoom) {
  Stream stream({.workers = 1});
  stream.send(out_slot(1, make_worker(1, 1)));
  Slot folded = out_slot(2, kNginx);
  stream.send(folded);
  EXPECT_EQ(worker_of(*stream.tick(), kNginx), nullptr);
  stream.gone(1);
  stream.send(folded.connect(TW_ESTABLISHED, 5));
  const auto snapshot = stream.tick();
  ASSERT_NE(worker_of(*snapshot, kNginx), nullptr);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->total.connects, 5u);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->states[TW_ESTABLISHED], 6) << "its sockets move over";
  EXPECT_EQ(snapshot->unowned.states[TW_ESTABLISHED], 0);
  EXPECT_EQ(snapshot->total.connects, 7u);
}

TEST(ModelAge, DestinationsRoutesSlotsAndNamespacesAreCapped) {
  Stream stream({.flow_slots = 100,
                 .listener_slots = 3,
                 .destinations = 10,
                 .routes = 5,
                 .namespaces = 2,
                 .hooks = 1});
  for (std::uint32_t i = 0; i < 50; ++i)
    stream.send(out_slot(i, kNginx, "10.0.0.5:" + std::to_string(1000 + i)));
  stream.send(out_slot(100, kNginx));
  stream.send(out_slot(0xffffffff, kNginx));
  for (std::uint32_t i = 0; i < 5; ++i) {
    tw_listener listener{};
    listener.sk = i + 1;
    stream.send(i, listener);
    stream.netns(i, 0, 0);
    stream.hook("states" + std::to_string(i), "tp_btf");
  }
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->destinations.size(), 10u);
  EXPECT_EQ(routes_in(*snapshot), 5u);
  EXPECT_EQ(snapshot->listeners.size(), 3u);
  EXPECT_EQ(snapshot->netns.size(), 2u);
  EXPECT_EQ(snapshot->hooks.size(), 1u);
  EXPECT_EQ(snapshot->workers.at(0).total.connects, 50u);
  EXPECT_EQ(snapshot->lost_total.folded, 45u + 2u + 2u);
}

}  // namespace
}  // namespace tcpwatch::test
