// SPDX-License-Identifier: Apache-2.0
//
// Failing connects: reasons and numbers against what the program was told by its system calls.
#include <gtest/gtest.h>

#include <cerrno>

#include "kernel/support/watch.h"
#include "kernel/workload/failing.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

constexpr Family kFamilies[] = {Family::v4, Family::v6, Family::mapped};

// The reason that `client` saw is the only one, as often, in the counts and in the stories.
void expect_failures(Watch& watch, Outcome& outcome, tw_reason reason, std::uint64_t times) {
  watch.look();
  const Worker* worker = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(worker);
  EXPECT_EQ(worker->total.failures[reason], times);
  EXPECT_EQ(worker->total.connect_failures(), times);
  EXPECT_EQ(worker->total.connects, outcome.party("client").counts().connects);
  std::uint64_t stories = 0;
  for (const tw_connect& story : watch.connects_in(outcome.netns->inode())) {
    EXPECT_EQ(story.reason, reason);
    EXPECT_EQ(story.worker >> 32, static_cast<std::uint64_t>(outcome.party("client").pid()));
    ++stories;
  }
  EXPECT_EQ(stories, times);
}

class Refused : public testing::TestWithParam<std::tuple<Family, bool>> {};

TEST_P(Refused, IsECONNREFUSED) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  FailOptions options;
  std::tie(options.family, options.nonblocking) = GetParam();
  Outcome outcome = refused(netns, options);
  ASSERT_EQ(outcome.party("client").counts().failed(ECONNREFUSED), options.connects);
  expect_failures(watch, outcome, TW_REASON_ECONNREFUSED, options.connects);
  EXPECT_EQ(outcome.delta["ActiveOpens"], options.connects);
}
INSTANTIATE_TEST_SUITE_P(All, Refused,
                         testing::Combine(testing::ValuesIn(kFamilies), testing::Bool()));

class NoPortLeft : public testing::TestWithParam<std::tuple<Family, Shortage>> {};

TEST_P(NoPortLeft, IsEADDRNOTAVAIL) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  ShortageOptions options;
  std::tie(options.family, options.kind) = GetParam();
  Outcome outcome = address_not_available(netns, options);
  const Counts& client = outcome.party("client").counts();
  ASSERT_EQ(client.failed(EADDRNOTAVAIL), options.too_many);
  expect_failures(watch, outcome, TW_REASON_EADDRNOTAVAIL, options.too_many);
  const Worker* worker = watch.worker(outcome.party("client").pid());
  EXPECT_EQ(worker->total.established_out, client.established_out);
  EXPECT_EQ(worker->total.connects - options.too_many, outcome.delta["ActiveOpens"])
      << "the kernel counts only connects that sent a SYN";
  if (watch.exact("connect_kernel_time")) {
    EXPECT_EQ(worker->total.kernel.count(), worker->total.connects);
  }
}
INSTANTIATE_TEST_SUITE_P(All, NoPortLeft,
                         testing::Combine(testing::ValuesIn(kFamilies),
                                          testing::Values(Shortage::held, Shortage::time_wait,
                                                          Shortage::explicit_bind)));

// Its SYN of before must not be taken for one of now.
TEST(NoPortLeftForAUsedSocket, IsEADDRNOTAVAIL) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  ShortageOptions options;
  options.kind = Shortage::refused_before;
  Outcome outcome = address_not_available(netns, options);
  const Counts& client = outcome.party("client").counts();
  ASSERT_EQ(client.failed(EADDRNOTAVAIL), options.too_many);
  ASSERT_EQ(client.failed(ECONNREFUSED), options.too_many);
  watch.look();
  const Worker* worker = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(worker);
  EXPECT_EQ(worker->total.failures[TW_REASON_EADDRNOTAVAIL], options.too_many);
  EXPECT_EQ(worker->total.failures[TW_REASON_ECONNREFUSED], options.too_many);
  EXPECT_EQ(worker->total.connect_failures(), 2 * options.too_many);
  EXPECT_EQ(worker->total.kernel.count(), worker->total.connects);
}

class TimedOut : public testing::TestWithParam<std::tuple<Family, bool>> {};

TEST_P(TimedOut, IsETIMEDOUT) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  TimeoutOptions options;
  std::tie(options.family, options.nonblocking) = GetParam();
  Outcome outcome = timed_out(netns, options);
  ASSERT_EQ(outcome.party("client").counts().failed(ETIMEDOUT), options.connects);
  expect_failures(watch, outcome, TW_REASON_ETIMEDOUT, options.connects);
}
INSTANTIATE_TEST_SUITE_P(All, TimedOut,
                         testing::Combine(testing::Values(Family::v4, Family::v6),
                                          testing::Bool()));

class Abandoned : public testing::TestWithParam<GivingUp> {};

TEST_P(Abandoned, IsABANDONED) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  AbandonOptions options;
  options.how = GetParam();
  Outcome outcome = abandoned(netns, options);
  ASSERT_EQ(outcome.party("client").counts().abandoned, options.connects);
  expect_failures(watch, outcome, TW_REASON_ABANDONED, options.connects);
}
INSTANTIATE_TEST_SUITE_P(All, Abandoned,
                         testing::Values(GivingUp::close, GivingUp::send_timeout,
                                         GivingUp::disconnect, GivingUp::shutdown,
                                         GivingUp::signal));

struct NoWayCase {
  Family family;
  NoWay kind;
  int error;
  tw_reason reason;
};

class NoRoute : public testing::TestWithParam<NoWayCase> {};

TEST_P(NoRoute, HasTheKernelsErrnoWhereAHookSeesIt) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  NoWayOptions options;
  options.family = GetParam().family;
  options.kind = GetParam().kind;
  Outcome outcome = unreachable(netns, options);
  if (!outcome.unavailable.empty()) FAIL() << outcome.unavailable;
  ASSERT_EQ(outcome.party("client").counts().failed(GetParam().error), options.connects);
  if (!watch.hook("connect_errors") && options.kind != NoWay::neighbour) {
    watch.look();
    const Worker* worker = watch.worker(outcome.party("client").pid());
    EXPECT_TRUE(!worker || worker->total.connect_failures() == 0)
        << "no hook sees these: the coverage says unavailable, nothing is invented";
    return;
  }
  expect_failures(watch, outcome, GetParam().reason, options.connects);
}
INSTANTIATE_TEST_SUITE_P(
    All, NoRoute,
    testing::Values(NoWayCase{Family::v4, NoWay::no_route, ENETUNREACH, TW_REASON_ENETUNREACH},
                    NoWayCase{Family::v6, NoWay::no_route, ENETUNREACH, TW_REASON_ENETUNREACH},
                    NoWayCase{Family::v4, NoWay::unreachable, EHOSTUNREACH, TW_REASON_EHOSTUNREACH},
                    NoWayCase{Family::v4, NoWay::prohibit, EACCES, TW_REASON_EACCES},
                    NoWayCase{Family::v4, NoWay::blackhole, EINVAL, TW_REASON_EINVAL},
                    NoWayCase{Family::v4, NoWay::neighbour, EHOSTUNREACH, TW_REASON_EHOSTUNREACH}));

}  // namespace
}  // namespace tcpwatch::test
