// SPDX-License-Identifier: Apache-2.0
//
// The programs that take what the kernel skipped (bpf/second_look.h). An interrupt at the right
// nanosecond cannot be ordered, so here the first look is left out altogether: everything is then
// for the second, and a further second must find each step in the table and leave it alone.
#include "kernel/support/expect.h"
#include "kernel/workload/failing.h"
#include "kernel/workload/lasting.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

std::vector<Signal> plan_with_states(const std::vector<Candidate>& ladder) {
  std::vector<Signal> plan = hook_plan();
  for (Signal& signal : plan)
    if (signal.name == "states") signal.ladder = ladder;
  return plan;
}

const std::vector<Signal>& seconds_only() {
  static const std::vector<Signal> plan = plan_with_states({
      {"tp_btf", "two second looks", {"state_raw_tp_again", "state_tp_btf_again"}, true, ""},
      {"raw_tp", "one second look", {"state_raw_tp_again"}, true, ""},  // for 5.10
  });
  return plan;
}

class SecondLook : public testing::Test {
 protected:
  static TracerOptions options() {
    TracerOptions options;
    options.detail = TW_DETAIL_FAILURES;
    options.denied = denied_by_environment();
    options.plan = &seconds_only();
    return options;
  }

  const workload::Netns netns;
  Watch watch{options()};
};

TEST_F(SecondLook, TakesEveryStepOfServedConnectionsOnce) {
  ServeOptions options;
  options.connections = 20;
  Outcome outcome = serve(netns, options);
  outcome.release();
  const Snapshot& snapshot = watch.look();
  const Worker* server = watch.worker(outcome.party("server").pid());
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(server && client);
  EXPECT_EQ(server->total.accepts, outcome.delta["PassiveOpens"]);
  EXPECT_EQ(server->total.closes, options.connections);
  EXPECT_EQ(client->total.connects, outcome.delta["ActiveOpens"]);
  EXPECT_EQ(client->total.established_out, options.connections);
  EXPECT_EQ(client->total.closes, options.connections);
  expect_nothing_negative(snapshot);
  expect_no_sockets(watch, client->states, "client");
}

TEST_F(SecondLook, TakesFailedConnectsOnce) {
  Outcome outcome = refused(netns, FailOptions{});
  watch.look();
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->total.failures[TW_REASON_ECONNREFUSED], outcome.delta["ActiveOpens"]);
  EXPECT_EQ(client->total.connects, outcome.delta["ActiveOpens"]);
}

TEST_F(SecondLook, TakesTheStepsOfSocketsThatTheirProcessLeft) {
  Outcome outcome = exit_with_open_sockets(netns);
  const pid_t leaver = outcome.party("leaver").pid();
  outcome.party("leaver").release();
  outcome.settle();
  watch.look_until([&] { return has_no_sockets(watch, leaver, left_in(netns)); });
  const Snapshot& snapshot = watch.look();
  expect_nothing_negative(snapshot);
  if (const Worker* worker = watch.worker(leaver))
    expect_no_sockets(watch, worker->states, "leaver", left_in(netns));
  for (const Listener* listener : watch.listeners(netns.inode()))
    EXPECT_EQ(listener->overflows_total.syn + listener->overflows_total.ack, 0U);
}

}  // namespace
}  // namespace tcpwatch::test
