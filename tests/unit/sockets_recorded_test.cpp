// SPDX-License-Identifier: Apache-2.0
//
// `sockets --replay`: tables of sockets from a snapshot, and from a capture as a user asks for
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/temp_dir.h"
#include "unit/capture_stream.h"
#include "unit/cli_call.h"
#include "views/sockets_recorded.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;

Snapshot recorded() {
  Snapshot snapshot;
  Worker worker;
  worker.id = {1234, 5};
  worker.comm = "python3";
  worker.states[TW_ESTABLISHED] = 3;
  worker.states[TW_CLOSE_WAIT] = 2;
  worker.states[TW_FIN_WAIT2] = 1;
  SocketFacts facts;
  facts.idle = 2;
  facts.time_waits = 40;
  facts.fin_waits = 4;
  facts.close_waits = CloseWaits{.sockets = 2, .oldest = 90, .peer = "10.0.0.5:6379"};
  worker.sockets = facts;
  snapshot.workers.push_back(worker);
  Listener listener;
  listener.address = "0.0.0.0:80";
  listener.queue_now = 5;
  listener.queue_limit = 4;
  listener.syn_queue = 7;
  listener.overflows_total = {.syn = 3, .ack = 2};
  snapshot.listeners = {listener, listener};
  Destination destination;
  destination.address = "10.0.0.5:6379";
  destination.states[TW_SYN_SENT] = 6;
  destination.sockets = facts;
  destination.ports = Ports{.used = 50, .available = 100, .time_waits = 41, .sources = 1};
  snapshot.destinations.push_back(destination);
  snapshot.states = worker.states;
  snapshot.time_wait = 45;
  snapshot.unowned.states[TW_CLOSE_WAIT] = 1;
  snapshot.sample = Sample{.age = 2, .time_waits = 45, .strangers = 5, .fin_waits = 4};
  return snapshot;
}

TEST(SocketsRecorded, ByStateEachSocketOnce) {
  const SocketsView view = recorded_sockets(recorded(), {});
  StateCounts expected{};
  expected[TW_ESTABLISHED] = 3;
  expected[TW_CLOSE_WAIT] = 2;
  expected[TW_FIN_WAIT2] = 1 + 4;
  expected[TW_TIME_WAIT] = 45;
  expected[TW_SYN_RECV] = 14;
  expected[TW_LISTEN] = 2;
  EXPECT_EQ(view.states, expected);
  EXPECT_EQ(view.by_state.front().state, TW_TIME_WAIT);
  EXPECT_TRUE(view.complete);
}

TEST(SocketsRecorded, ByProcessWithWhatNobodyOwns) {
  const SocketsView view = recorded_sockets(recorded(), {TW_BY_PROCESS});
  ASSERT_EQ(view.processes.size(), 2u);
  const ProcessSockets& row = view.processes[0];
  EXPECT_EQ(row.pid, 1234u);
  EXPECT_EQ(row.states[TW_TIME_WAIT], 40u);
  EXPECT_EQ(row.states[TW_FIN_WAIT2], 5u);
  EXPECT_EQ(row.activity.idle, 2u);
  EXPECT_EQ(row.activity.close_wait_peer, "10.0.0.5:6379");
  EXPECT_FALSE(view.processes[1].pid);
  EXPECT_EQ(view.processes[1].states[TW_TIME_WAIT], 5u) << "made before the recording";
  EXPECT_EQ(view.processes[1].states[TW_CLOSE_WAIT], 1u);
  const RecordedSockets leaks{TW_BY_PROCESS, 1U << TW_CLOSE_WAIT, true};
  const SocketsView part = recorded_sockets(recorded(), leaks);
  EXPECT_EQ(part.processes.size(), 1u) << "of a part, only its processes";
  EXPECT_EQ(total_of(part.states), 2u);
}

TEST(SocketsRecorded, ByListenerAndDestination) {
  const SocketsView listeners = recorded_sockets(recorded(), {TW_BY_LISTENER});
  ASSERT_EQ(listeners.listeners.size(), 1u) << "of one address";
  EXPECT_EQ(listeners.listeners[0].members, 2u);
  EXPECT_EQ(listeners.listeners[0].queue, 10u);
  EXPECT_EQ(listeners.listeners[0].drops, 10u);
  EXPECT_TRUE(listeners.listeners[0].full);
  const SocketsView destinations = recorded_sockets(recorded(), {TW_BY_DESTINATION});
  ASSERT_EQ(destinations.destinations.size(), 1u);
  EXPECT_EQ(destinations.destinations[0].ports_used, 50u);
  EXPECT_EQ(destinations.destinations[0].states[TW_TIME_WAIT], 41u) << "whoever made them";
  EXPECT_EQ(destinations.destinations[0].states[TW_SYN_SENT], 6u);
}

// Never a silent 0.
TEST(SocketsRecorded, WithoutALookItsFiguresAreMissing) {
  Snapshot snapshot = recorded();
  snapshot.sample.reset();
  Worker blind = snapshot.workers[0];
  blind.sockets.reset();
  snapshot.workers = {};
  snapshot.workers.push_back(blind);
  const SocketsView view = recorded_sockets(snapshot, {TW_BY_PROCESS});
  EXPECT_FALSE(view.complete);
  const auto row = nlohmann::json::parse(sockets_json(view))["rows"][0];
  EXPECT_TRUE(row["idle"].is_null());
  EXPECT_TRUE(row["waiting"].is_null());
  EXPECT_THAT(sockets_text(view, {}), HasSubstr("no look through the socket table"));
}

// As it was at the end of the window: what `top` says of that interval.
TEST(SocketsRecorded, TheWindowsEndIsShown) {
  const TempDir dir;
  const std::string file = dir.path() + "/a.tcpw";
  write_capture(file, mixed(600, 23));
  const auto json_of = [](std::vector<std::string> words) {
    const Answer answer = call(std::move(words));
    EXPECT_EQ(answer.code, 0) << answer.err;
    std::string last = answer.out.substr(0, answer.out.size() - 1);
    last = last.substr(last.rfind('\n') + 1);
    return nlohmann::json::parse(last);
  };
  const auto top = json_of({"top", "--batch", "--json", "--replay", file, "--to", "30s"});
  const auto sockets = json_of({"sockets", "--json", "--replay", file, "--to", "30s"});
  EXPECT_EQ(sockets["time"], top["time"]);
  EXPECT_EQ(sockets["host"], "web-7");
  EXPECT_EQ(sockets["states"].value("ESTABLISHED", 0), top["totals"]["established"]);
  const Answer watched = call({"sockets", "--json", "--watch", "1s", "--replay", file});
  EXPECT_GT(std::ranges::count(watched.out, '\n'), 10);
  for (const std::vector<std::string>& asked :
       {std::vector<std::string>{"--list"}, {"--port", "80"}, {"--idle", "2m"}, {"--from", "x"}}) {
    std::vector<std::string> words{"sockets", "--replay", file};
    words.insert(words.end(), asked.begin(), asked.end());
    EXPECT_EQ(call(words).code, 64) << asked[0];
  }
}

}  // namespace
}  // namespace tcpwatch::test
