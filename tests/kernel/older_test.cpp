// SPDX-License-Identifier: Apache-2.0
//
// Sockets that are older than the tracer: found at start with their owner, and counted from there.
#include <sys/socket.h>

#include <cerrno>

#include "kernel/support/expect.h"
#include "kernel/workload/blackhole.h"
#include "kernel/workload/lasting.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

class Older : public testing::TestWithParam<Family> {};

TEST_P(Older, HaveTheirOwnerFromTheStart) {
  const workload::Netns netns;
  OlderOptions options;
  options.family = GetParam();
  OlderThanTracer scenario(netns, options);
  Outcome& outcome = scenario.outcome;
  Watch watch;
  const pid_t server = outcome.party("server").pid();
  const pid_t client = outcome.party("client").pid();
  const pid_t sleeper = outcome.party("sleeper").pid();
  if (!watch.hook("owners")) {
    EXPECT_FALSE(watch.worker(server)) << "nothing tells whose they are: nobody's";
    return;
  }
  ASSERT_TRUE(watch.worker(server) && watch.worker(client) && watch.worker(sleeper));
  EXPECT_EQ(watch.worker(server)->comm, outcome.party("server").comm());
  const States& held = watch.worker(server)->states;
  EXPECT_EQ(held[TW_ESTABLISHED], static_cast<std::int64_t>(options.accepted));
  EXPECT_EQ(held[TW_CLOSE_WAIT], static_cast<std::int64_t>(options.close_wait));
  EXPECT_EQ(held[TW_LISTEN], 1);
  EXPECT_EQ(watch.worker(sleeper)->states[TW_LISTEN], 1);
  EXPECT_EQ(watch.worker(client)->states[TW_ESTABLISHED],
            static_cast<std::int64_t>(options.accepted + options.queued));
  EXPECT_EQ(watch.worker(server)->total.accepts, 0U) << "accepted before our time";
  EXPECT_EQ(watch.worker(client)->total.connects, 0U);
  const Listener* listener = watch.listener(outcome.party("server").listener.text(), netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->queue_now, options.queued);
  EXPECT_EQ(listener->accepts_total, 0U);

  scenario.open_more();
  watch.look();
  const std::uint64_t accepts = outcome.party("server").counts().accepts;
  ASSERT_EQ(accepts, options.queued + options.more);
  // An accept() of a socket that no hook saw being born is seen by a hook in accept() alone.
  const HookChoice* hook = watch.hook("accepts");
  const bool in_accept = hook && hook->mechanism != "cgroup";
  if (in_accept) {
    EXPECT_EQ(watch.worker(server)->total.accepts, accepts);
  }
  EXPECT_LE(watch.worker(server)->total.accepts, accepts);
  if (hook) {
    EXPECT_GE(watch.worker(server)->total.accepts, options.more);
    EXPECT_EQ(watch.worker(sleeper)->total.accepts, 1U) << "the call that was under way";
  }
  EXPECT_EQ(watch.worker(client)->total.connects, options.more + 1);
  listener = watch.listener(outcome.party("server").listener.text(), netns.inode());
  ASSERT_TRUE(listener);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, accepts);
  }

  scenario.close_all();
  watch.look();
  EXPECT_EQ(watch.worker(client)->total.closes, outcome.party("client").counts().closes);
  EXPECT_EQ(watch.worker(client)->states[TW_ESTABLISHED], 0);
  const std::uint64_t closes = outcome.party("server").counts().closes;
  EXPECT_LE(watch.worker(server)->total.closes, closes);
  if (in_accept) {
    EXPECT_EQ(watch.worker(server)->total.closes, closes);
  } else {
    EXPECT_GE(watch.worker(server)->total.closes, closes - options.queued);
  }
  EXPECT_EQ(watch.worker(server)->states[TW_ESTABLISHED], 0);
  EXPECT_EQ(watch.worker(server)->states[TW_CLOSE_WAIT], 0);
  EXPECT_EQ(watch.worker(sleeper)->total.closes, 1U);
  expect_nothing_negative(watch.look());
}

// When it began nobody saw: then it has no duration, rather than one since boot.
TEST(OlderConnect, HasNoTimes) {
  const workload::Netns netns;
  const Blackhole nobody(netns, Family::v4);
  Fd under_way;
  netns.run_inside([&] {
    under_way = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(under_way.get(), nobody.destination().get(), nobody.destination().size()),
              -1);
    EXPECT_EQ(errno, EINPROGRESS);
  });
  Watch watch;
  if (!watch.hook("owners")) return;  // then nothing tells whose it is: it is not counted
  ASSERT_TRUE(watch.worker(::getpid()));
  EXPECT_EQ(watch.worker(::getpid())->states[TW_SYN_SENT], 1);
  under_way.reset();
  watch.look();
  const Traffic& total = watch.worker(::getpid())->total;
  EXPECT_EQ(total.failures[TW_REASON_ABANDONED], 1U);
  EXPECT_EQ(total.failed.count(), 0U);
  EXPECT_EQ(total.kernel.count(), 0U);
  const auto stories = watch.connects_in(netns.inode());
  ASSERT_EQ(stories.size(), 1U);
  EXPECT_EQ(stories[0].duration_ns, 0U);
  EXPECT_EQ(stories[0].kernel_ns, 0U);
}

INSTANTIATE_TEST_SUITE_P(Families, Older, testing::Values(Family::v4, Family::v6, Family::mapped));

}  // namespace
}  // namespace tcpwatch::test
