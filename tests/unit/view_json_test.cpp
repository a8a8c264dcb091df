// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "json_names.h"
#include "view_golden.h"
#include "view_snapshots.h"
#include "views/fields.h"
#include "views/json.h"

namespace tcpwatch::test {
namespace {

using nlohmann::json;

// Golden files are easier to read in lines; that they are one line is tested apart.
std::string pretty(const std::string& line) {
  return nlohmann::ordered_json::parse(line).dump(1) + "\n";
}

TEST(ViewJson, Golden) {
  expect_golden("view_healthy.json", pretty(view_json(healthy_snapshot())));
  expect_golden("view_incident.json", pretty(view_json(incident_snapshot())));
  expect_golden("view_hostile.json", pretty(view_json(hostile_snapshot())));
  expect_golden("view_empty.json", pretty(view_json(empty_snapshot())));
}

TEST(ViewJson, IsOneLineOfValidUtf8) {
  for (const Snapshot& snapshot :
       {Snapshot{}, empty_snapshot(), healthy_snapshot(), hostile_snapshot()}) {
    const std::string line = view_json(snapshot);
    for (const char letter : line) EXPECT_GE(static_cast<unsigned char>(letter), 0x20);
    EXPECT_TRUE(json::accept(line)) << line;
  }
}

TEST(ViewJson, HasEachNameOnceInAnObject) {
  EXPECT_THAT(names_twice(R"([{"a":{"b":1},"b":2},{"a":3}])"), testing::IsEmpty());
  EXPECT_THAT(names_twice(R"({"a":{"b":1},"c":2,"a":{"d":1}})"), testing::ElementsAre("a"));
  for (const Snapshot& snapshot : {healthy_snapshot(), incident_snapshot(), hostile_snapshot()})
    EXPECT_THAT(names_twice(view_json(snapshot)), testing::IsEmpty());
}

TEST(ViewJson, HasWhatTheContractSays) {
  const json view = json::parse(view_json(incident_snapshot()));
  EXPECT_EQ(view["schema"], "tcpwatch.view/1");
  EXPECT_EQ(view["time"], "2025-11-21T01:45:12.000000001Z");
  EXPECT_TRUE(view["interval"].is_number_float());
  EXPECT_EQ(view["totals"]["connect_failures"], json({{"EADDRNOTAVAIL", 224}}));
  EXPECT_EQ(view["totals"]["overflows"], json({{"syn", 1480}, {"ack", 211}}));
  EXPECT_EQ(view["totals"]["time_wait"], 28230);
  EXPECT_EQ(view["totals"]["states"]["SYN_RECV"], 496);
  EXPECT_EQ(view["findings"], json::array());
  EXPECT_EQ(view["lost_events"], 12);
  const json& worker = view["workers"][0];
  for (const char* key :
       {"pid", "comm", "cmdline", "cgroup", "container", "netns", "accepts", "connects", "closes",
        "net_inflow", "connect_failures", "states", "connect_seconds", "connect_kernel_seconds",
        "accept_wait_seconds", "fds", "oldest_close_wait"})
    EXPECT_TRUE(worker.contains(key)) << key;
  EXPECT_EQ(worker["net_inflow"], 0);
  EXPECT_EQ(worker["container"], nullptr);
  EXPECT_EQ(worker["states"]["TIME_WAIT"], 7040);
  for (const char* state : {"ESTABLISHED", "CLOSE_WAIT", "SYN_SENT", "LISTEN"})
    EXPECT_TRUE(worker["states"][state].is_number_unsigned()) << state;
  EXPECT_EQ(worker["oldest_close_wait"], 341.0);
  EXPECT_EQ(
      worker["close_wait"],
      json({{"median", 95.0}, {"per_minute", 1.5}, {"peer", "10.0.0.5:6379"}, {"exact", false}}));
  EXPECT_EQ(worker["waiting"], 9);
  EXPECT_EQ(worker["waiting_for"], "10.0.0.9:8080");
  const json& master = view["workers"][4];
  EXPECT_EQ(master["states"]["TIME_WAIT"], nullptr) << "not looked at yet: never 0";
  EXPECT_EQ(master["oldest_close_wait"], nullptr);
  EXPECT_EQ(view["totals"]["time_wait_of_nobody"], 70);
  EXPECT_EQ(view["coverage"]["socket_table"]["age"], 2.5);
  EXPECT_EQ(worker["fds"], json({{"open", 2100}, {"limit", 16384}, {"refused", 0}}));
  EXPECT_NEAR(worker["connect_kernel_seconds"]["sum"], 0.9856, 1e-9);
  const json& listener = view["listeners"][1];
  for (const char* key : {"address", "netns", "owners", "reuseport_group", "queue", "accepts",
                          "overflows", "syn_queue", "cookies_sent", "accept_wait_seconds"})
    EXPECT_TRUE(listener.contains(key)) << key;
  EXPECT_EQ(listener["queue"], json({{"now", 512},
                                     {"peak", 512},
                                     {"limit", 511},
                                     {"listen_backlog", 511},
                                     {"somaxconn", 4096}}));
  const json& destination = view["destinations"][1];
  EXPECT_EQ(destination["workers"], json({1201, 1202, 1203, 1204}));
  EXPECT_EQ(destination["ports"], json({{"used", 28230},
                                        {"available", 28232},
                                        {"reusable", 0},
                                        {"time_wait", 28190},
                                        {"sources", 1},
                                        {"exhausted_in", 0.5}}));
  EXPECT_EQ(view["destinations"][0]["ports"]["used"], nullptr) << "not looked at yet";
  EXPECT_EQ(view["coverage"]["overflow_syn"],
            json({{"hook", "poll:sk_drops of each listener"}, {"exact", false}}));
  EXPECT_EQ(view["coverage"]["connect_errors"], json({{"hook", nullptr}, {"exact", false}}));
}

TEST(ViewJson, QuantilesOfNothingAreNull) {
  const json view = json::parse(view_json(incident_snapshot()));
  EXPECT_EQ(view["workers"][4]["connect_seconds"],
            json({{"p50", nullptr}, {"p99", nullptr}, {"max", nullptr}}));
}

TEST(ViewJson, WhatNobodyWatchesIsNull) {
  Snapshot snapshot = healthy_snapshot();
  for (HookChoice& row : snapshot.hooks) row.chosen = row.signal == "states";
  const json view = json::parse(view_json(snapshot));
  EXPECT_EQ(view["totals"]["overflows"], json({{"syn", nullptr}, {"ack", nullptr}}));
  EXPECT_EQ(view["listeners"][0]["overflows"]["syn"], nullptr);
  EXPECT_EQ(view["workers"][1]["connect_kernel_seconds"]["sum"], nullptr);
  EXPECT_EQ(view["workers"][1]["accept_wait_seconds"]["p99"], nullptr);
  EXPECT_EQ(view["workers"][1]["accepts"], 521) << "attributed at close: less, but something";
  EXPECT_EQ(view["workers"][1]["connects"], 130);
}

template <typename Row>
void expect_sound(std::span<const Field<Row>> fields) {
  std::set<std::string_view> names, paths;
  for (const Field<Row>& field : fields) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name;
    if (!field.json.empty()) {
      EXPECT_TRUE(paths.insert(field.json).second) << field.json;
    }
    EXPECT_FALSE(field.help.empty()) << field.name;
    EXPECT_TRUE(field.value) << field.name;
    EXPECT_TRUE(!field.title.empty() || !field.json.empty()) << field.name << " shows nowhere";
  }
}

TEST(ViewFields, AreNamedOnceAndExplained) {
  expect_sound(worker_fields());
  expect_sound(listener_fields());
  expect_sound(destination_fields());
}

TEST(ViewFields, Sort) {
  EXPECT_TRUE(value_less(Missing{}, std::uint64_t{0}));
  EXPECT_FALSE(value_less(Missing{}, Missing{}));
  EXPECT_TRUE(value_less(std::uint64_t{2}, 2.5));
  EXPECT_TRUE(value_less(std::string("a"), std::string("b")));
  EXPECT_TRUE(value_less(Counts{{"A", 1}}, Counts{{"A", 1}, {"B", 1}}));
}

}  // namespace
}  // namespace tcpwatch::test
