// SPDX-License-Identifier: Apache-2.0
//
// Stories may be lost, never silently: with a ring buffer that is far too small, and nobody who
// reads it, what was seen and what is told as lost is exactly what happened.
#include "base/clock.h"
#include "base/names.h"
#include "kernel/support/expect.h"
#include "kernel/workload/churn.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

// What makes a story each: not what a flow takes over or hands on (accept() does), nor what a
// listener does.
std::uint64_t steps_of(const Snapshot& snapshot) {
  std::uint64_t sum = 0;
  for (std::size_t step = 0; step < kSteps.size(); ++step) {
    const auto [from, to] = kSteps[step];
    const bool told = from != TW_OUTSIDE && to != TW_OUTSIDE && to != TW_LISTEN &&
                      (from != TW_LISTEN || to != TW_CLOSE);
    if (told) sum += snapshot.steps_total[step];
  }
  return sum;
}

// Others' sockets take their steps meanwhile, and are counted like ours: after a look without any,
// counters and stories are of one moment.
Snapshot quiet_look(Watch& watch) {
  Snapshot now = watch.look();
  for (std::uint64_t before = 0; before != steps_of(now); now = watch.look())
    before = steps_of(now);
  return now;
}

TEST(Loss, SeenAndLostAreExactlyWhatHappened) {
  const workload::Netns netns;
  TracerOptions options{.detail = TW_DETAIL_TRANSITIONS, .denied = denied_by_environment()};
  options.sizes.ring_bytes = 1 << 16;
  Watch watch(options);
  // A socket of others that nobody knows takes a step now and then that is counted and makes no
  // story; a loss that is not told is there each time.
  bool exact = !watch.exact("states");
  for (int round = 0; round < 6 && !(exact && round > 0); ++round) {
    workload::Churn churn(netns, {.connections = 2000, .spread = false});
    const Snapshot before = quiet_look(watch);
    const std::uint64_t seen_before = watch.steps.size();
    churn.run();
    const Snapshot after = quiet_look(watch);
    const std::uint64_t happened = steps_of(after) - steps_of(before);
    const std::uint64_t seen = watch.steps.size() - seen_before;
    const std::uint64_t lost = after.lost_total.events - before.lost_total.events;
    // Who is missed at birth makes none of its other stories: five are an end of a connection.
    EXPECT_GE(seen + lost + 5 * missed(watch), 20'000U) << "ten steps of each connection";
    EXPECT_GT(lost, 10'000U) << "the ring holds some hundred";
    EXPECT_GT(seen, 100U);
    exact = exact || !watch.exact("states") || seen + lost == happened;
  }
  EXPECT_TRUE(exact) << "what was seen and what is told as lost is never what happened";
}

// What a rate was asked for is not lost: it is counted by itself, and nobody's counters miss it.
TEST(Loss, EndsAboveTheRateAreCountedAndNotTold) {
  const workload::Netns netns;
  const TracerOptions options{
      .detail = TW_DETAIL_CLOSES, .most_closes = 1, .denied = denied_by_environment()};
  Watch watch(options);
  workload::Churn churn(netns, {.connections = 3000, .spread = false});
  const Snapshot before = quiet_look(watch);
  const std::uint64_t told_before = watch.closes.size();
  churn.run();
  // The moment's one end may have been told before; there are further moments.
  const workload::Deadline end;
  while (watch.look(), watch.closes.size() == told_before) {
    ASSERT_FALSE(end.over());
    workload::serve(netns, {.connections = 1});
  }
  const Snapshot after = quiet_look(watch);
  const std::uint64_t told = watch.closes.size() - told_before;
  const std::uint64_t untold = after.lost_total.untold - before.lost_total.untold;
  EXPECT_GT(untold, 1000U) << "each CPU tells one in 64 jiffies";
  EXPECT_GE(told + untold + missed(watch), 6000U) << "two ends of each connection";
  EXPECT_EQ(after.lost_total.events, before.lost_total.events) << "nothing was lost";
}

// Most stories wake nobody, and a reader may sleep for long: one that comes when the buffer is half
// full does.
TEST(Loss, AFullRingWakesItsReader) {
  struct Nobody : RecordSink {
    void on_record(const Record& /*record*/) override {}
  } nobody;
  const workload::Netns netns;
  TracerOptions options{.detail = TW_DETAIL_TRANSITIONS, .denied = denied_by_environment()};
  options.sizes.ring_bytes = 1 << 18;
  const auto tracer = Tracer::start(options);
  ASSERT_TRUE(tracer);
  workload::Churn churn(netns, {.connections = 2000, .spread = false});
  const auto sleeps = [&](std::uint64_t ns) {
    const std::uint64_t until = monotonic_ns() + ns;
    (*tracer)->wait_until(until, -1);
    return monotonic_ns() >= until;
  };
  // What attaching has told calls the reader until it finds the buffer empty; then nobody does.
  const workload::Deadline end;
  while ((*tracer)->drain(nobody), !sleeps(50'000'000)) ASSERT_FALSE(end.over());
  churn.run();
  EXPECT_FALSE(sleeps(10'000'000'000));
}

}  // namespace
}  // namespace tcpwatch::test
