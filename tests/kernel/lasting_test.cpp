// SPDX-License-Identifier: Apache-2.0
//
// Sockets that stay: CLOSE_WAIT of a server that does not close, and what a process leaves open
// when it ends, by exit or by SIGKILL.
#include "kernel/workload/lasting.h"

#include <optional>

#include "kernel/support/expect.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

class Lasting : public testing::TestWithParam<Family> {};

TEST_P(Lasting, CloseWaitBelongsToWhoDoesNotClose) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  CloseWaitOptions options;
  options.family = GetParam();
  Outcome outcome = close_wait(netns, options);
  watch.look();
  const pid_t server = outcome.party("server").pid();
  const pid_t client = outcome.party("client").pid();
  const Worker* worker = watch.worker(server);
  ASSERT_TRUE(worker);
  expect_attributed(watch, worker->total.accepts, options.leaked + options.closed, "accepts");
  expect_counted(watch, worker->total.closes, options.closed, "closes");
  if (watch.hook("accepts")) {
    EXPECT_EQ(worker->states[TW_CLOSE_WAIT], static_cast<std::int64_t>(options.leaked));
  }
  EXPECT_LE(worker->states[TW_CLOSE_WAIT], static_cast<std::int64_t>(options.leaked));
  EXPECT_EQ(worker->states[TW_ESTABLISHED], 0);
  ASSERT_TRUE(watch.worker(client));
  EXPECT_EQ(watch.worker(client)->states[TW_CLOSE_WAIT], 0);

  outcome.release();
  look_until_gone(watch, server);
  look_until_gone(watch, client);
  worker = watch.worker(server);
  ASSERT_TRUE(worker);
  expect_no_sockets(watch, worker->states, "server");
  expect_counted(watch, worker->total.closes, options.leaked + options.closed, "server's closes");
  ASSERT_TRUE(watch.worker(client));
  expect_no_sockets(watch, watch.worker(client)->states, "client");
  expect_counted(watch, watch.worker(client)->total.closes, options.leaked + options.closed,
                 "client's closes");
  expect_nothing_negative(watch.look());
}

class Leaving : public testing::TestWithParam<std::tuple<Family, bool>> {};

TEST_P(Leaving, CountsWhatTheExitClosed) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  LeavingOptions options;
  bool killed = false;
  std::tie(options.family, killed) = GetParam();
  Outcome outcome = exit_with_open_sockets(netns, options);
  watch.look();
  Party& leaver = outcome.party("leaver");
  const pid_t pid = leaver.pid();
  const pid_t peer = outcome.party("peer").pid();
  const auto open = static_cast<std::int64_t>(options.accepted + options.outgoing);
  const Worker* worker = watch.worker(pid);
  ASSERT_TRUE(worker);
  if (watch.hook("accepts")) {
    EXPECT_EQ(worker->states[TW_ESTABLISHED], open);
  }
  EXPECT_EQ(worker->states[TW_LISTEN], 1);
  const std::string address = leaver.listener.text();

  if (killed) {
    leaver.kill();
  } else {
    leaver.release();
  }
  outcome.settle();
  std::optional<Listener> listener;
  watch.look_until([&] {
    if (const Listener* row = watch.listener(address, netns.inode())) listener = *row;
    return has_no_sockets(watch, pid, left_in(netns));
  });
  worker = watch.worker(pid);
  ASSERT_TRUE(worker);
  const States left = left_in(netns);
  expect_no_sockets(watch, worker->states, "leaver", left);
  EXPECT_EQ(worker->total.connects, options.outgoing);
  EXPECT_EQ(worker->total.established_out, options.outgoing);
  EXPECT_EQ(worker->total.connect_failures(), 0U);
  expect_attributed(watch, worker->total.accepts, options.accepted, "accepts");
  const auto closed = static_cast<std::uint64_t>(open - left[TW_FIN_WAIT2]);
  expect_attributed(watch, worker->total.closes, closed, "closes");
  ASSERT_TRUE(listener) << "shown once more, closed";
  EXPECT_TRUE(listener->closed);
  EXPECT_EQ(listener->accepts_total, options.accepted) << "those that waited were not accepted";

  worker = watch.worker(peer);
  ASSERT_TRUE(worker);
  EXPECT_EQ(worker->total.closes, options.queued) << "reset with the queue";
  if (watch.hook("accepts")) {
    EXPECT_EQ(worker->states[TW_CLOSE_WAIT], open);
  }
  expect_nothing_negative(watch.look());

  outcome.release();
  look_until_gone(watch, peer);
  worker = watch.worker(peer);
  ASSERT_TRUE(worker);
  expect_no_sockets(watch, worker->states, "peer");
  EXPECT_EQ(worker->total.closes, options.queued + static_cast<std::uint64_t>(open));
  expect_nothing_negative(watch.look());
}

// With more than TCP_TIMEWAIT_LEN of it none becomes a remnant before its peer closes.
TEST(LeavingToWait, IsCountedUntilThePeerCloses) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  const Setting long_wait(netns, "net.ipv4.tcp_fin_timeout", "70");
  const LeavingOptions options;
  Outcome outcome = exit_with_open_sockets(netns, options);
  const pid_t leaver = outcome.party("leaver").pid();
  outcome.party("leaver").release();
  outcome.settle();
  watch.look_until([&] { return has_no_sockets(watch, leaver, left_in(netns)); });
  const Worker* worker = watch.worker(leaver);
  ASSERT_TRUE(worker);
  if (watch.hook("accepts")) {
    EXPECT_EQ(worker->states[TW_FIN_WAIT2], options.accepted + options.outgoing);
  }
  expect_no_sockets(watch, worker->states, "leaver", left_in(netns));
  outcome.release();
  look_until_gone(watch, leaver);
  if ((worker = watch.worker(leaver))) expect_no_sockets(watch, worker->states, "leaver");
}

INSTANTIATE_TEST_SUITE_P(Families, Lasting,
                         testing::Values(Family::v4, Family::v6, Family::mapped, Family::dual));
INSTANTIATE_TEST_SUITE_P(All, Leaving,
                         testing::Combine(testing::Values(Family::v4, Family::v6),
                                          testing::Bool()));

}  // namespace
}  // namespace tcpwatch::test
