// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kNginx = make_worker(4242, 17);
constexpr tw_worker kRedis = make_worker(77, 3);
constexpr std::string_view kPeer = "10.0.0.5:6379";

tw_flow_key out_key(tw_worker worker = kNginx, std::string_view peer = kPeer) {
  return flow_key(TW_ROLE_OUT, worker, peer);
}

TEST(ModelFlow, IsEmptyBeforeTheFirstTick) {
  Model model;
  ASSERT_NE(model.snapshot(), nullptr);
  EXPECT_TRUE(model.snapshot()->workers.empty());
}

TEST(ModelFlow, CountsConnectsOfWorkerDestinationRouteAndTotal) {
  Stream stream;
  Slot slot(5, out_key());
  slot.connect(TW_ESTABLISHED, 3).fail(TW_REASON_EADDRNOTAVAIL, 7);
  slot.time(TW_TIMING_CONNECT, 200'000, 3).time(TW_TIMING_KERNEL, 17'600'000, 10);
  slot.time(TW_TIMING_FAILED, 17'600'000, 7);
  stream.send(slot);
  const auto snapshot = stream.tick();

  ASSERT_EQ(snapshot->workers.size(), 1u);
  ASSERT_EQ(snapshot->destinations.size(), 1u);
  ASSERT_EQ(snapshot->destinations[0].routes.size(), 1u);
  const Worker& worker = snapshot->workers[0];
  EXPECT_EQ(worker.id, (WorkerId{4242, 17}));
  EXPECT_EQ(worker.comm, "nginx");
  EXPECT_EQ(worker.netns, 1u);
  EXPECT_EQ(snapshot->destinations[0].address, kPeer);
  EXPECT_EQ(snapshot->destinations[0].workers, std::vector<std::uint32_t>{4242});
  const Route& route = snapshot->destinations[0].routes[0];
  EXPECT_EQ(route.worker, worker.id);
  for (const Traffic* traffic : {&worker.total, &worker.delta, &snapshot->destinations[0].delta,
                                 route.delta.get(), &snapshot->total, &snapshot->delta}) {
    EXPECT_EQ(traffic->connects, 10u);
    EXPECT_EQ(traffic->established_out, 3u);
    EXPECT_EQ(traffic->failures[TW_REASON_EADDRNOTAVAIL], 7u);
    EXPECT_EQ(traffic->connect_failures(), 7u);
    EXPECT_EQ(traffic->connect.count(), 3u);
    EXPECT_EQ(traffic->kernel.count(), 10u);
    EXPECT_EQ(traffic->failed.count(), 7u);
    EXPECT_NEAR(traffic->kernel.sum(), 0.176, 1e-9);
    EXPECT_EQ(traffic->closes, 0u);
  }
  EXPECT_EQ(worker.states[TW_ESTABLISHED], 3);
  EXPECT_EQ(worker.states[TW_SYN_SENT], 0);
  EXPECT_EQ(worker.states[TW_CLOSE], 0) << "CLOSE is no state that a socket is shown in";
  EXPECT_EQ(snapshot->steps_delta[TW_STEP_SYN_SENT_CLOSE], 7u);
}

TEST(ModelFlow, RefusalsForWantOfADescriptorAreNoFailedConnects) {
  Stream stream;
  tw_flow_key key{};
  key.worker = make_worker(7, 1);
  key.role = TW_ROLE_DESCRIPTORS;
  Slot slot(3, key);
  slot.flow.failures[TW_REFUSED_ACCEPT_EMFILE] = 4;
  slot.flow.failures[TW_REFUSED_SOCKET_ENFILE] = 2;
  stream.send(slot);
  const auto snapshot = stream.tick();
  ASSERT_EQ(snapshot->workers.size(), 1U);
  const Worker& worker = snapshot->workers[0];
  EXPECT_EQ(worker.delta.fd_refusals, (FdRefusals{4, 0, 0, 2}));
  EXPECT_EQ(worker.total.refused_descriptors(), 6U);
  EXPECT_EQ(worker.total.connect_failures(), 0U);
  EXPECT_EQ(snapshot->total.refused_descriptors(), 6U);
  EXPECT_EQ(stream.tick()->workers[0].delta.refused_descriptors(), 0U);
}

TEST(ModelFlow, ConnectionsTurnedAwayAreNoFailedConnects) {
  Stream stream;
  Slot slot(3, flow_key(TW_ROLE_IN, make_worker(7, 1), "0.0.0.0:80"));
  slot.flow.failures[TW_TURNED_AWAY] = 4;
  stream.send(slot);
  const Worker worker = stream.tick()->workers.at(0);
  EXPECT_EQ(worker.delta.turned_away, 4U);
  EXPECT_EQ(worker.total.connect_failures(), 0U);
  EXPECT_EQ(stream.tick()->workers.at(0).delta.turned_away, 0U);
}

TEST(ModelFlow, DeltasAreBetweenTicks) {
  Stream stream;
  Slot slot(5, out_key());
  stream.send(slot.connect());
  stream.send(slot.connect());  // twice within one interval
  EXPECT_EQ(stream.tick()->delta.connects, 2u);
  EXPECT_EQ(stream.tick()->delta.connects, 0u);
  stream.send(slot.connect(TW_ESTABLISHED, 5));
  stream.send(slot);
  const auto snapshot = stream.tick(2 * kSecond);
  EXPECT_EQ(snapshot->delta.connects, 5u);
  EXPECT_EQ(snapshot->total.connects, 7u);
  EXPECT_DOUBLE_EQ(snapshot->interval, 2.0);
  EXPECT_EQ(snapshot->realtime_ns, (1'700'000'000 + 4) * kSecond);
}

TEST(ModelFlow, ClosesAreOfEstablishedConnectionsOnly) {
  Stream stream;
  Slot out(1, out_key());
  out.connect(TW_ESTABLISHED, 4).step(TW_ESTABLISHED, TW_CLOSE);
  out.step(TW_ESTABLISHED, TW_FIN_WAIT1, 2).step(TW_FIN_WAIT1, TW_FIN_WAIT2, 2);
  out.step(TW_FIN_WAIT2, TW_CLOSE, 2).fail(TW_REASON_ECONNREFUSED, 9);
  stream.send(out);
  Slot queue(2, flow_key(TW_ROLE_QUEUE, 0, "0.0.0.0:80"));
  queue.step(TW_LISTEN, TW_SYN_RECV, 3).step(TW_SYN_RECV, TW_CLOSE, 3);
  stream.send(queue);
  Slot listening(3, flow_key(TW_ROLE_LISTEN, kNginx, "0.0.0.0:80"));
  listening.step(TW_CLOSE, TW_LISTEN, 2).step(TW_LISTEN, TW_CLOSE);
  stream.send(listening);

  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->delta.closes, 3u);
  const Worker* worker = worker_of(*snapshot, kNginx);
  ASSERT_NE(worker, nullptr);
  EXPECT_EQ(worker->delta.closes, 3u);
  EXPECT_EQ(worker->states[TW_ESTABLISHED], 1);
  EXPECT_EQ(worker->states[TW_LISTEN], 1);
}

TEST(ModelFlow, SimultaneousOpenIsAConnect) {
  Stream stream;
  Slot out(1, out_key());
  out.connect(TW_SYN_SENT).step(TW_SYN_SENT, TW_SYN_RECV).step(TW_SYN_RECV, TW_ESTABLISHED);
  stream.send(out);
  Slot queue(2, flow_key(TW_ROLE_QUEUE, 0, "0.0.0.0:80"));
  queue.step(TW_LISTEN, TW_SYN_RECV).step(TW_SYN_RECV, TW_ESTABLISHED);
  stream.send(queue);
  EXPECT_EQ(stream.tick()->delta.established_out, 1u);
}

TEST(ModelFlow, AcceptedSocketsMoveFromTheQueueToTheWorker) {
  Stream stream;
  Slot queue(1, flow_key(TW_ROLE_QUEUE, 0, "0.0.0.0:80"));
  queue.step(TW_LISTEN, TW_SYN_RECV, 2).step(TW_SYN_RECV, TW_ESTABLISHED, 2);
  stream.send(queue);
  const auto before = stream.tick();
  EXPECT_EQ(before->unowned.states[TW_ESTABLISHED], 2);
  EXPECT_EQ(before->states[TW_ESTABLISHED], 2);
  EXPECT_TRUE(before->workers.empty());

  Slot in(2, flow_key(TW_ROLE_IN, kNginx, "0.0.0.0:80"));
  in.flow.accepts = 1;
  in.step(TW_OUTSIDE, TW_ESTABLISHED).time(TW_TIMING_WAIT, 3'000'000);
  stream.send(in);
  stream.send(queue.step(TW_ESTABLISHED, TW_OUTSIDE));
  const auto after = stream.tick();
  EXPECT_EQ(after->unowned.states[TW_ESTABLISHED], 1);
  EXPECT_EQ(after->states[TW_ESTABLISHED], 2);
  EXPECT_EQ(after->workers.at(0).states[TW_ESTABLISHED], 1);
  EXPECT_EQ(after->workers[0].delta.accepts, 1u);
  EXPECT_EQ(after->workers[0].delta.accept_wait.count(), 1u);
  EXPECT_EQ(after->workers[0].delta.connect.count(), 0u);
}

TEST(ModelFlow, GoneFlowsLeaveTheirCountsBehind) {
  Stream stream;
  Slot first(9, out_key());
  stream.send(first.connect(TW_ESTABLISHED, 100).step(TW_ESTABLISHED, TW_CLOSE, 99));
  stream.tick();
  stream.gone(9);
  Slot second(9, out_key(kRedis, "10.0.0.9:80"));
  stream.send(second.connect(TW_ESTABLISHED, 2));
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->total.connects, 102u);
  EXPECT_EQ(snapshot->delta.connects, 2u);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->total.connects, 100u);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->states[TW_ESTABLISHED], 0) << "no flow, no sockets";
  EXPECT_EQ(worker_of(*snapshot, kRedis)->total.connects, 2u);
  EXPECT_EQ(destination_of(*snapshot, kPeer)->total.connects, 100u);
  EXPECT_EQ(snapshot->states[TW_ESTABLISHED], 2);
}

TEST(ModelFlow, AReusedSlotIsKnownByItsKeyAlone) {
  Stream stream;
  Slot first(9, out_key());
  stream.send(first.connect(TW_ESTABLISHED, 3));
  stream.tick();
  Slot second(9, out_key(kRedis));
  stream.send(second.connect(TW_ESTABLISHED, 500));  // no FLOW_GONE, and counters beyond the old
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->delta.connects, 500u);
  EXPECT_EQ(worker_of(*snapshot, kNginx)->total.connects, 3u);
  EXPECT_EQ(snapshot->states[TW_ESTABLISHED], 500);
}

TEST(ModelFlow, FallenCountersStartFromZero) {
  Stream stream;
  Slot first(9, out_key());
  stream.send(first.connect(TW_ESTABLISHED, 30).time(TW_TIMING_CONNECT, 1'000'000, 30));
  stream.tick();
  Slot again(9, out_key());
  stream.send(again.connect(TW_ESTABLISHED, 4).time(TW_TIMING_CONNECT, 1'000'000, 4));
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->delta.connects, 4u);
  EXPECT_EQ(snapshot->total.connects, 34u);
  EXPECT_EQ(snapshot->total.connect.count(), 34u);
  EXPECT_EQ(snapshot->states[TW_ESTABLISHED], 4);
  EXPECT_EQ(snapshot->workers.size(), 1u);
}

TEST(ModelFlow, ACounterThatIsZeroAgainHasFallen) {
  Stream stream;
  Slot first(9, out_key());
  first.flow.attempts = 5;
  stream.send(first);
  stream.tick();
  Slot again(9, out_key());
  again.flow.failures[TW_REASON_ETIMEDOUT] = 9;
  stream.send(again);
  EXPECT_EQ(stream.tick()->delta.connect_failures(), 9u);
}

TEST(ModelFlow, ABucketMayWrap) {
  Stream stream;
  Slot slot(9, out_key());
  slot.connect();
  slot.flow.histogram[TW_TIMING_CONNECT][20] = 0xffffffffu;
  stream.send(slot);
  stream.tick();
  slot.connect();
  slot.flow.histogram[TW_TIMING_CONNECT][20] = 1;
  stream.send(slot);
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->delta.connect.count(), 2u);
  EXPECT_EQ(snapshot->delta.connects, 1u);
}

TEST(ModelFlow, StepsOfStrangersDoNotMakeNegativeSockets) {
  Stream stream;
  Slot other(0, flow_key(TW_ROLE_OTHER, 0, "0.0.0.0:0"));
  stream.send(other.step(TW_ESTABLISHED, TW_FIN_WAIT1, 8).step(TW_FIN_WAIT1, TW_FIN_WAIT2, 5));
  Slot out(1, out_key());
  stream.send(out.connect(TW_ESTABLISHED, 2));
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->states[TW_ESTABLISHED], 2);
  EXPECT_EQ(snapshot->states[TW_FIN_WAIT1], 3);
  EXPECT_EQ(snapshot->unowned.states[TW_FIN_WAIT2], 5);
  EXPECT_EQ(snapshot->steps_total[TW_STEP_ESTABLISHED_FIN_WAIT1], 8u);
}

TEST(ModelFlow, DestinationsNameTheirWorkersByConnects) {
  Stream stream;
  Slot few(1, out_key(kNginx));
  Slot many(2, out_key(kRedis));
  stream.send(few.connect(TW_ESTABLISHED, 1));
  stream.send(many.connect(TW_ESTABLISHED, 10));
  EXPECT_EQ(stream.tick()->destinations.at(0).workers, (std::vector<std::uint32_t>{77, 4242}));
  stream.send(few.connect(TW_ESTABLISHED, 2));
  EXPECT_EQ(stream.tick()->destinations.at(0).workers, (std::vector<std::uint32_t>{4242, 77}))
      << "of this interval first";
}

TEST(ModelFlow, AWorkersArrivalsAndStepsAreThoseOfTheInterval) {
  Stream stream;
  constexpr tw_worker kSibling = make_worker(43, 1);
  Slot one(3, flow_key(TW_ROLE_IN, make_worker(42, 1), "0.0.0.0:80"));
  Slot other(4, flow_key(TW_ROLE_IN, kSibling, "0.0.0.0:80", 2));
  one.flow.accepts = 5;
  one.step(TW_OUTSIDE, TW_ESTABLISHED, 5).step(TW_ESTABLISHED, TW_FIN_WAIT1, 2);
  other.flow.accepts = 1;
  stream.send(one);
  stream.send(other);
  auto snapshot = stream.tick();
  ASSERT_EQ(snapshot->accept_routes.size(), 2u);
  EXPECT_EQ(snapshot->accept_routes[0].worker.pid, 42u);
  EXPECT_EQ(snapshot->accept_routes[0].address, "0.0.0.0:80");
  EXPECT_EQ(snapshot->accept_routes[0].netns, 1u);
  EXPECT_EQ(snapshot->accept_routes[0].accepts, 5u);
  EXPECT_EQ(snapshot->accept_routes[1].netns, 2u);
  const auto& steps = snapshot->workers[0].steps_delta;
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].count + steps[1].count, 7u);

  one.flow.accepts = 6;
  stream.send(one);
  stream.gone(3);  // what left in the interval has accepted all the same
  snapshot = stream.tick();
  ASSERT_EQ(snapshot->accept_routes.size(), 1u);
  EXPECT_EQ(snapshot->accept_routes[0].accepts, 1u);
  EXPECT_TRUE(snapshot->workers[0].steps_delta.empty());
  EXPECT_TRUE(stream.tick()->accept_routes.empty());
}

}  // namespace
}  // namespace tcpwatch::test
