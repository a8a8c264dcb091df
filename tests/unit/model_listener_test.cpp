// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kMaster = make_worker(100, 1);
constexpr tw_worker kWorker = make_worker(101, 2);

tw_listener listener(std::uint64_t sk, std::string_view address = "0.0.0.0:80",
                     std::uint32_t netns = 1) {
  tw_listener made{};
  made.sk = sk;
  made.address = endpoint(address, netns);
  made.owner = kMaster;
  set_text(made.comm, "nginx");
  made.queue_limit = 511;
  return made;
}

TEST(ModelListener, AcceptsAreWhatWasQueuedLessWhatWaits) {
  Stream stream;
  tw_listener row = listener(1);
  row.children = 100;
  row.aborted = 5;
  row.queue_at_start = 7;
  row.queue_now = 12;
  row.queue_peak = 40;
  row.accepts = 1;  // the hook may have missed some: not used
  stream.send(0, row);
  const auto snapshot = stream.tick();
  ASSERT_EQ(snapshot->listeners.size(), 1u);
  const Listener& shown = snapshot->listeners[0];
  EXPECT_EQ(shown.address, "0.0.0.0:80");
  EXPECT_EQ(shown.port, 80);
  EXPECT_EQ(shown.comm, "nginx");
  EXPECT_EQ(shown.owners, std::vector<std::uint32_t>{100});
  EXPECT_EQ(shown.accepts_total, 90u);
  EXPECT_EQ(shown.accepts_delta, 90u);
  EXPECT_EQ(snapshot->delta.accepts, 90u);
  EXPECT_EQ(snapshot->total.accepts, 90u);
  EXPECT_EQ(shown.queue_now, 12u);
  EXPECT_EQ(shown.queue_peak, 40u);
  EXPECT_EQ(shown.queue_limit, 511u);
  EXPECT_EQ(shown.listen_backlog, 511u);
  EXPECT_EQ(shown.somaxconn, 4096u);
}

// A listener from before the tracer, which no iterator shows: its worker's flows alone tell.
TEST(ModelListener, AcceptsFromUnknownListenersCount) {
  Stream stream;
  Slot in(1, flow_key(TW_ROLE_IN, kWorker, "0.0.0.0:80"));
  in.flow.accepts = 30;
  stream.send(in);
  EXPECT_EQ(stream.tick()->delta.accepts, 30u);
  // Another one is known, and is sooner to tell of the same accepts than the flow.
  tw_listener row = listener(1, "0.0.0.0:81");
  row.children = 20;
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->total.accepts, 30u);
  in.flow.accepts = 55;
  stream.send(in);
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->delta.accepts, 25u);
  EXPECT_EQ(snapshot->total.accepts, 55u);
}

TEST(ModelListener, AcceptsNeverFall) {
  Stream stream;
  tw_listener row = listener(1);
  row.children = 100;
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->listeners.at(0).accepts_total, 100u);
  row.queue_now = 3;  // queued between the reading of the one and of the other
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->listeners.at(0).accepts_total, 100u);
  row.children = 110;
  stream.send(0, row);
  const auto snapshot = stream.tick();
  EXPECT_EQ(snapshot->listeners.at(0).accepts_total, 107u);
  EXPECT_EQ(snapshot->total.accepts, 107u);
}

TEST(ModelListener, TheAskedBacklogIsUnknownAtSomaxconn) {
  Stream stream;
  tw_listener row = listener(1);
  row.queue_limit = 4096;
  stream.send(0, row, 4096);
  EXPECT_FALSE(stream.tick()->listeners.at(0).listen_backlog);
}

TEST(ModelListener, ThePeakIsOfTheInterval) {
  Stream stream;
  tw_listener row = listener(1);
  row.queue_peak = 300;
  stream.send(0, row);
  row.queue_peak = 20;
  row.queue_now = 4;
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->listeners.at(0).queue_peak, 300u);
  EXPECT_EQ(stream.tick()->listeners.at(0).queue_peak, 4u) << "at least what waits now";
}

TEST(ModelListener, HookedOverflowsAreTakenAsCounted) {
  Stream stream;
  stream.hook("overflow_syn", "poll", false);
  stream.hook("overflow_syn", "fentry");
  tw_listener row = listener(1);
  row.drops_at_start = 1000;
  row.drops = 1050;
  row.overflows_syn = 30;
  row.overflows_ack = 12;
  stream.send(0, row);
  const auto snapshot = stream.tick();
  const Listener& shown = snapshot->listeners.at(0);
  EXPECT_EQ(shown.overflows_delta.syn, 30u);
  EXPECT_EQ(shown.overflows_delta.ack, 12u);
  EXPECT_EQ(shown.other_drops_delta, 8u);
  EXPECT_TRUE(shown.overflows_exact);
  EXPECT_EQ(snapshot->overflows_delta.syn, 30u);
  EXPECT_EQ(snapshot->overflows_total.ack, 12u);
}

TEST(ModelListener, PolledOverflowsAreExactWhileAllDropsAreOverflows) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.netns(1, 5000, 6000);
  tw_listener row = listener(1);
  row.drops_at_start = row.drops = 90;
  stream.send(0, row);
  stream.tick();
  row.drops = 140;
  row.overflows_ack = 20;
  stream.send(0, row);
  stream.netns(1, 5050, 6050);
  const Listener shown = stream.tick()->listeners.at(0);
  EXPECT_EQ(shown.overflows_delta.syn, 30u);
  EXPECT_EQ(shown.overflows_delta.ack, 20u);
  EXPECT_EQ(shown.other_drops_delta, 0u);
  EXPECT_TRUE(shown.overflows_exact);
}

TEST(ModelListener, PolledOverflowsAreEstimatesWhereOtherDropsMix) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.netns(1, 0, 0);
  tw_listener a = listener(1);
  tw_listener b = listener(2, "0.0.0.0:81");
  tw_listener quiet = listener(3, "0.0.0.0:82");
  tw_listener elsewhere = listener(4, "0.0.0.0:80", 2);
  stream.send(0, a);
  stream.send(1, b);
  stream.send(2, quiet);
  stream.send(3, elsewhere);
  stream.netns(2, 0, 0);
  stream.tick();
  a.drops = 30;
  b.drops = 11;
  b.overflows_ack = 1;
  elsewhere.drops = 6;
  stream.send(0, a);
  stream.send(1, b);
  stream.send(3, elsewhere);
  stream.netns(1, 33, 41);  // 8 of the 41 drops were none
  stream.netns(2, 6, 6);
  const auto snapshot = stream.tick();
  const auto& rows = snapshot->listeners;
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].overflows_delta.syn + rows[1].overflows_delta.syn + rows[1].overflows_delta.ack,
            33u);
  EXPECT_EQ(rows[0].other_drops_delta + rows[1].other_drops_delta, 8u);
  EXPECT_EQ(rows[0].other_drops_delta, 6u) << "in proportion";
  EXPECT_FALSE(rows[0].overflows_exact);
  EXPECT_FALSE(rows[1].overflows_exact);
  EXPECT_TRUE(rows[2].overflows_exact) << "nothing dropped is exact";
  EXPECT_EQ(rows[3].overflows_delta.syn, 6u);
  EXPECT_TRUE(rows[3].overflows_exact) << "another namespace";
  // The next interval is exact again, and nothing is counted twice.
  EXPECT_TRUE(stream.tick()->listeners[0].overflows_exact);
  EXPECT_EQ(stream.tick()->overflows_total.syn, snapshot->overflows_total.syn);
}

TEST(ModelListener, PolledOverflowsWithoutNamespaceCountersAreEstimates) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  tw_listener row = listener(1);
  row.drops = 10;
  stream.send(0, row);
  const Listener shown = stream.tick()->listeners.at(0);
  EXPECT_EQ(shown.overflows_delta.syn, 10u);
  EXPECT_FALSE(shown.overflows_exact);
}

// A socket filter drops too: sk_drops rises, ListenDrops does not.
TEST(ModelListener, WithOneListenerOtherDropsAreToldApartExactly) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.netns(1, 100, 100);
  tw_listener row = listener(1);
  stream.send(0, row);
  stream.tick();
  row.drops = 12;
  stream.send(0, row);
  stream.netns(1, 105, 105);
  const Listener shown = stream.tick()->listeners.at(0);
  EXPECT_EQ(shown.overflows_delta.syn, 5u);
  EXPECT_EQ(shown.other_drops_delta, 7u);
  EXPECT_TRUE(shown.overflows_exact);
}

TEST(ModelListener, WithoutAHookForTheLastAckStagesAreAnEstimate) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.hook("overflow_ack", "fentry", false);
  stream.netns(1, 0, 0);
  tw_listener row = listener(1);
  row.drops = 4;
  stream.send(0, row);
  stream.netns(1, 4, 4);
  const Listener shown = stream.tick()->listeners.at(0);
  EXPECT_EQ(shown.overflows_delta.syn, 4u);
  EXPECT_FALSE(shown.overflows_exact);
}

TEST(ModelListener, ADropReadBeforeItsStageIsMendedLater) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.netns(1, 0, 0);
  tw_listener row = listener(1);
  row.overflows_ack = 4;  // counted by the hook, not yet in the drops that were read
  row.drops = 2;
  stream.send(0, row);
  stream.netns(1, 4, 4);
  EXPECT_EQ(stream.tick()->listeners.at(0).overflows_total.syn, 0u);
  row.drops = 9;
  stream.send(0, row);
  stream.netns(1, 9, 9);
  EXPECT_EQ(stream.tick()->listeners.at(0).overflows_total.syn, 5u);
}

// Listener and namespace are read one after the other, under fire: some drops are in one of the
// figures only. One interval later they are in both, and the totals have to agree.
TEST(ModelListener, WhatIsReadAtTwoMomentsAgreesOneIntervalLater) {
  for (const int late : {-3, -1, 0, 1, 3}) {
    SCOPED_TRACE(late);
    Stream stream;
    stream.hook("overflow_syn", "poll");
    stream.netns(1, 1000, 1000);
    tw_listener row = listener(1);
    stream.send(0, row);
    stream.tick();
    std::uint64_t last = 0;
    for (std::uint32_t interval = 1; interval <= 6; ++interval) {
      row.drops = 50 * interval + (interval < 6 ? 3 : 0);
      stream.send(0, row);
      const auto overflows = 1000 + 50 * interval + (interval < 6 ? 3 + late : 0);
      stream.netns(1, overflows, overflows);
      last = stream.tick()->overflows_total.syn;
    }
    EXPECT_EQ(last, 300u);
    stream.netns(1, 1300, 1300);
    const auto snapshot = stream.tick();
    EXPECT_EQ(snapshot->overflows_total.syn, 300u);
    EXPECT_EQ(snapshot->listeners.at(0).other_drops_delta, 0u);
  }
}

// The same from a namespace's first moment on: it is told of when drops have begun.
TEST(ModelListener, ANewNamespacesFirstOverflowsAreCounted) {
  for (const int late : {-3, 0, 5}) {
    SCOPED_TRACE(late);
    Stream stream;
    stream.hook("overflow_syn", "poll");
    tw_listener row = listener(1);
    std::uint64_t last = 0;
    for (std::uint32_t interval = 1; interval <= 4; ++interval) {
      row.drops = 50 * interval;
      stream.send(0, row);
      const auto overflows = 50 * interval + (interval < 4 ? late : 0);
      stream.netns(1, overflows, overflows);
      last = stream.tick()->overflows_total.syn;
    }
    EXPECT_EQ(last, 200u);
  }
}

TEST(ModelListener, OverflowsOfStrangersAreNotHandedToALaterDrop) {
  Stream stream;
  stream.hook("overflow_syn", "poll");
  stream.netns(1, 0, 0);
  tw_listener row = listener(1);
  stream.send(0, row);
  stream.tick();
  stream.netns(1, 500, 500);  // of a listener that nobody knows
  stream.tick();
  stream.netns(1, 500, 500);
  stream.tick();
  row.drops = 9;  // a filter's
  stream.send(0, row);
  stream.netns(1, 500, 500);
  EXPECT_EQ(stream.tick()->listeners.at(0).overflows_total.syn, 0u);
}

TEST(ModelListener, AClosedListenerShowsOnceMoreAndCountsForEver) {
  Stream stream;
  tw_listener row = listener(1);
  row.children = 50;
  row.overflows_syn = 3;
  stream.send(0, row);
  stream.tick();
  row.children = 60;
  row.closed = 1;
  stream.send(0, row);
  stream.gone(0, TW_KIND_LISTENER_GONE);
  tw_listener next = listener(2, "0.0.0.0:81");
  next.children = 7;
  stream.send(0, next);
  const auto last = stream.tick();
  ASSERT_EQ(last->listeners.size(), 2u);
  EXPECT_TRUE(last->listeners[0].closed);
  EXPECT_EQ(last->listeners[0].accepts_delta, 10u);
  EXPECT_EQ(last->delta.accepts, 17u);
  const auto after = stream.tick();
  ASSERT_EQ(after->listeners.size(), 1u);
  EXPECT_EQ(after->listeners[0].address, "0.0.0.0:81");
  EXPECT_EQ(after->total.accepts, 67u);
  EXPECT_EQ(after->overflows_total.syn, 3u);
}

TEST(ModelListener, AReusedSlotIsKnownByItsSocketAlone) {
  Stream stream;
  tw_listener row = listener(1);
  row.children = 50;
  stream.send(0, row);
  stream.tick();
  row.children = 8;  // same socket address, but counters fell
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->total.accepts, 58u);
  row.sk = 2;
  row.children = 90;
  stream.send(0, row);
  EXPECT_EQ(stream.tick()->total.accepts, 148u);
}

TEST(ModelListener, WhoAcceptsFromItIsAnOwnerToo) {
  Stream stream;
  stream.send(0, listener(1));
  Slot in(1, flow_key(TW_ROLE_IN, kWorker, "0.0.0.0:80"));
  in.flow.accepts = 2;
  in.step(TW_OUTSIDE, TW_ESTABLISHED, 2).time(TW_TIMING_WAIT, 3'000'000, 2);
  stream.send(in);
  const Listener shown = stream.tick()->listeners.at(0);
  EXPECT_EQ(shown.owners, (std::vector<std::uint32_t>{100, 101}));
  EXPECT_EQ(shown.accept_wait_delta.count(), 2u);
  EXPECT_EQ(stream.tick()->listeners.at(0).accept_wait_delta.count(), 0u);
  stream.gone(1);
  stream.tick();
  EXPECT_EQ(stream.tick()->listeners.at(0).owners, std::vector<std::uint32_t>{100});
}

TEST(ModelListener, ReuseportSiblingsShareANumberNotTheirOwners) {
  Stream stream;
  for (std::uint32_t i = 0; i < 2; ++i) {
    tw_listener row = listener(i + 1);
    row.owner = make_worker(200 + i, 5);
    row.reuseport = 0xffff888012345678;
    stream.send(i, row);
    Slot in(i + 1, flow_key(TW_ROLE_IN, row.owner, "0.0.0.0:80"));
    in.flow.accepts = 1;
    stream.send(in);
  }
  const auto snapshot = stream.tick();
  ASSERT_EQ(snapshot->listeners.size(), 2u);
  EXPECT_EQ(snapshot->listeners[0].reuseport_group, 1u);
  EXPECT_EQ(snapshot->listeners[1].reuseport_group, 1u);
  EXPECT_EQ(snapshot->listeners[0].owners, std::vector<std::uint32_t>{200});
  EXPECT_EQ(snapshot->listeners[1].owners, std::vector<std::uint32_t>{201});
}

// All that is known of them comes from /proc: no connection is theirs yet.
TEST(ModelListener, WorkersWithoutAConnectionAreWhereTheirListenerIs) {
  Stream stream;
  stream.send(0, listener(1, "0.0.0.0:80", 77));
  stream.process(kMaster, true);
  stream.process(kWorker, true);
  auto seen = new_record<tw_activity>(stream.now);
  seen.pid = worker_pid(kWorker);
  seen.parent = worker_pid(kMaster);
  stream.send(seen);
  const auto snapshot = stream.tick();
  for (const tw_worker id : {kMaster, kWorker}) {
    const Worker* worker = worker_of(*snapshot, id);
    ASSERT_TRUE(worker) << worker_pid(id);
    EXPECT_EQ(worker->netns, 77u);
    EXPECT_EQ(worker->total.accepts, 0u);
    EXPECT_EQ(worker->states, States{});
    EXPECT_TRUE(worker->fds);
  }
  stream.process(kMaster, false);
  EXPECT_EQ(worker_of(*stream.tick(), kMaster)->netns, 77u) << "as long as it is told of";
}

TEST(ModelListener, AConnectionTellsBetterWhereAWorkerIs) {
  Stream stream;
  stream.send(0, listener(1, "0.0.0.0:80", 77));
  stream.send(Slot(3, flow_key(TW_ROLE_OUT, kMaster, "10.0.0.5:6379", 78)));
  EXPECT_EQ(worker_of(*stream.tick(), kMaster)->netns, 78u);
}

}  // namespace
}  // namespace tcpwatch::test
