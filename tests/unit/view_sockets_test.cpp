// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "base/address.h"
#include "base/text.h"
#include "view_golden.h"
#include "views/sockets.h"

namespace tcpwatch::test {
namespace {

StateCounts states(std::initializer_list<std::pair<tw_state, std::uint64_t>> some) {
  StateCounts counts{};
  for (const auto& [state, count] : some) counts[state] = count;
  return counts;
}

SocketsView empty_view(tw_table_by by) {
  SocketsView view;
  view.by = by;
  view.realtime_ns = 1'763'717'880'000'000'001;
  view.seconds = 0.0251;
  view.host = "web-7";
  view.namespaces = 2;
  return view;
}

SocketsView state_view() {
  SocketsView view = empty_view(TW_BY_STATE);
  view.states = states({{TW_TIME_WAIT, 200000}, {TW_ESTABLISHED, 20000}, {TW_LISTEN, 1}});
  for (const tw_state state : {TW_TIME_WAIT, TW_ESTABLISHED, TW_LISTEN})
    view.by_state.push_back({state, view.states[state], 220001});
  return view;
}

SocketsView process_view() {
  SocketsView view = empty_view(TW_BY_PROCESS);
  view.states = states({{TW_ESTABLISHED, 130}, {TW_CLOSE_WAIT, 412}, {TW_TIME_WAIT, 9}});
  ProcessSockets leak;
  leak.pid = 1234;
  leak.comm = "python3";
  leak.cmdline = "python3 worker.py --upstream 10.0.0.5";
  leak.container = std::string(64, 'a');
  leak.fds = 560;
  leak.fds_limit = 1024;
  leak.states = states({{TW_ESTABLISHED, 130}, {TW_CLOSE_WAIT, 412}});
  leak.activity = {.idle = 100,
                   .waiting = 3,
                   .waiting_since = 12.5,
                   .close_wait_age = 5400,
                   .close_wait_peer = "10.0.0.5:6379"};
  ProcessSockets nobody;
  nobody.comm = "(closed)";
  nobody.states = states({{TW_TIME_WAIT, 9}});
  ProcessSockets hostile;
  hostile.pid = 4194304;
  hostile.comm = "\x1b[2J\xff\n";
  hostile.cmdline = "rm\t-rf \xe2\x80\xae";
  view.processes = {leak, nobody, hostile};
  view.notes = {"the kernel knows no owner of TIME_WAIT"};
  return view;
}

SocketsView listener_view() {
  SocketsView view = empty_view(TW_BY_LISTENER);
  ListenerSockets full;
  full.address = "0.0.0.0:8080";
  full.netns = 4026531840;
  full.owners = {10, 11, 12};
  full.members = 2;
  full.reuseport_group = 1;
  full.note_queue(129, 128);
  full.note_queue(0, 128);
  full.half_open = 7;
  full.drops = 42;
  full.backlog = 128;
  full.somaxconn = 4096;
  full.states = states({{TW_LISTEN, 2}, {TW_ESTABLISHED, 300}, {TW_CLOSE_WAIT, 1}});
  ListenerSockets unknown;
  unknown.address = "[2001:db8:1234:5678:9abc:def0:1234:5678]:443";
  unknown.members = 1;
  view.listeners = {full, unknown};
  view.states = full.states;
  return view;
}

SocketsView destination_view() {
  SocketsView view = empty_view(TW_BY_DESTINATION);
  DestinationSockets row;
  row.address = "10.0.0.5:6379";
  row.workers = {1234, 1235};
  row.sources = 2;
  row.ports_used = 27000;
  row.ports_available = 28232;
  row.ports_reusable = 0;
  row.exhausted_in = 61.5;
  row.states = states({{TW_TIME_WAIT, 26000}, {TW_ESTABLISHED, 1000}});
  row.activity.idle = 900;
  DestinationSockets bare;
  bare.address = "[::1]:80";
  view.destinations = {row, bare};
  view.states = row.states;
  return view;
}

OneSocket one(const char* local, const char* remote, tw_state state) {
  OneSocket row;
  row.socket.local = *parse_endpoint(local);
  row.socket.remote = *parse_endpoint(remote);
  row.socket.state = state;
  row.socket.since_received = row.socket.since_sent = row.socket.since_heard = TW_UNKNOWN;
  return row;
}

SocketsView list_view() {
  SocketsView view = empty_view(TW_BY_SOCKET);
  OneSocket leak = one("10.0.0.1:40000", "10.0.0.5:6379", TW_CLOSE_WAIT);
  leak.socket.in_queue = 1;
  leak.socket.rtt_us = 180;
  leak.socket.since_received = 2500;
  leak.socket.since_sent = 5000;
  leak.socket.since_heard = 2250;
  leak.holders = {{1234, "python3"}, {1235, "p\x1b"}};
  OneSocket waits = one("10.0.0.1:40001", "10.0.0.5:6379", TW_TIME_WAIT);
  waits.socket.without_file = waits.socket.dead = 1;
  waits.socket.timer = 250 * 45;
  OneSocket queued = one("[2001:db8::1]:443", "[2001:db8::2]:50000", TW_ESTABLISHED);
  queued.socket.without_file = 1;
  view.sockets = {leak, waits, queued, one("0.0.0.0:22", "0.0.0.0:0", TW_LISTEN)};
  view.complete = false;
  view.notes = {"gave up after 3 open files: owners beyond them are missing"};
  return view;
}

TEST(ViewSockets, Text) {
  expect_golden("sockets_state_80.txt", sockets_text(state_view(), {.width = 80}));
  expect_golden("sockets_process_120.txt", sockets_text(process_view(), {.width = 120}));
  expect_golden("sockets_listener_100.txt", sockets_text(listener_view(), {.width = 100}));
  expect_golden("sockets_destination_100.txt", sockets_text(destination_view(), {.width = 100}));
  expect_golden("sockets_list_100.txt", sockets_text(list_view(), {.width = 100}));
  expect_golden("sockets_process_80_ansi.txt",
                sockets_text(process_view(), {.width = 80, .palette = Palette::kAnsi}));
}

TEST(ViewSockets, WhatThereIsNoneOf) {
  SocketsView view = empty_view(TW_BY_DESTINATION);
  view.states[TW_TIME_WAIT] = 149;
  const std::string text = sockets_text(view, {.width = 80});
  EXPECT_TRUE(text.starts_with("no destinations\n149 sockets in ")) << text;
}

TEST(ViewSockets, AGroupIsAsFullAsItsFullestSocket) {
  ListenerSockets group;
  for (const std::uint64_t waiting : {0, 65, 0}) group.note_queue(waiting, 64);
  EXPECT_TRUE(group.full);
  EXPECT_EQ(group.fullest, 1);
  EXPECT_EQ(group.queue_limit, 192U);
}

TEST(ViewSockets, TablesFitAnyWidth) {
  for (const SocketsView& view : {state_view(), process_view(), listener_view(), destination_view(),
                                  empty_view(TW_BY_PROCESS)}) {
    for (const std::size_t width : {40, 80, 100, 200}) {
      std::istringstream lines(sockets_text(view, {.width = width}));
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), std::max<std::size_t>(width, 61)) << line;
        EXPECT_EQ(line, sanitize(line));
      }
    }
  }
}

TEST(ViewSockets, JsonIsOneSafeLine) {
  for (const SocketsView& view : {state_view(), process_view(), listener_view(), destination_view(),
                                  list_view(), empty_view(TW_BY_STATE)}) {
    const std::string line = sockets_json(view);
    ASSERT_TRUE(nlohmann::json::accept(line)) << line;
    EXPECT_EQ(line, sanitize(line));
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["schema"], "tcpwatch.sockets/1");
    EXPECT_EQ(json["by"], by_name(view.by));
    for (const auto& row : json["rows"])
      for (const char* key : {"key", "states", "total"}) EXPECT_TRUE(row.contains(key)) << key;
  }
}

TEST(ViewSockets, JsonSaysNullForWhatIsNotKnown) {
  const auto processes = nlohmann::json::parse(sockets_json(process_view()));
  EXPECT_EQ(processes["rows"][0]["key"], 1234);
  EXPECT_EQ(processes["rows"][0]["states"]["CLOSE_WAIT"], 412);
  EXPECT_EQ(processes["rows"][0]["oldest_close_wait"], 5400.0);
  EXPECT_EQ(processes["rows"][0]["fds"]["limit"], 1024);
  EXPECT_TRUE(processes["rows"][1]["pid"].is_null());
  EXPECT_TRUE(processes["rows"][1]["fds"]["open"].is_null());
  const auto destinations = nlohmann::json::parse(sockets_json(destination_view()));
  EXPECT_EQ(destinations["rows"][0]["ports"]["used"], 27000);
  EXPECT_TRUE(destinations["rows"][1]["ports"]["available"].is_null());
  EXPECT_TRUE(destinations["rows"][1]["ports"]["exhausted_in"].is_null());
  const auto list = nlohmann::json::parse(sockets_json(list_view()));
  EXPECT_TRUE(list["rows"][0]["age"].is_null()) << "only a tracer knows";
  EXPECT_EQ(list["rows"][0]["since"], 9.0);
  EXPECT_EQ(list["rows"][1]["since"], 15.0);
  EXPECT_EQ(list["rows"][2]["accepted"], false);
  EXPECT_EQ(list["complete"], false);
  EXPECT_EQ(destinations["complete"], true);
}

}  // namespace
}  // namespace tcpwatch::test
