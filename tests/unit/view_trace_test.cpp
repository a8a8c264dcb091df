// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "model_stream.h"
#include "view_golden.h"
#include "views/trace.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kNginx = make_worker(1201, 9);

WallClock wall_clock() {
  auto host = new_record<tw_host>(1000);
  host.realtime_ns = 1'763'689'512'000'001'000;
  return WallClock(host);
}

tw_connect connect_story(tw_reason reason, std::uint32_t error, std::uint64_t duration_ns) {
  auto story = new_record<tw_connect>(123'456'789);
  story.worker = kNginx;
  story.local = endpoint("10.0.0.9:0");
  story.remote = endpoint("10.0.0.5:6379");
  if (reason == TW_REASON_NONE) story.local.port = 40112;
  story.reason = reason;
  story.error = error;
  story.duration_ns = duration_ns;
  story.kernel_ns = reason == TW_REASON_EADDRNOTAVAIL ? duration_ns : 4000;
  set_text(story.comm, "nginx");
  return story;
}

tw_closed closed_story(tw_role role, std::uint32_t error) {
  auto story = new_record<tw_closed>(2'000'000'000);
  story.worker = role == TW_ROLE_QUEUE ? 0 : kNginx;
  story.local = endpoint("[2001:db8::9]:443");
  story.remote = endpoint("[2001:db8:1234:5678:9abc:def0:1234:5678]:51234");
  story.lifetime_ns = error ? 0 : 1'530'000'000;
  story.bytes_in = 1234;
  story.bytes_out = 5'600'000;
  story.srtt_us = 12'300;
  story.retransmits = error ? 7 : 0;
  story.error = error;
  story.role = role;
  story.last_state = TW_LAST_ACK;
  set_text(story.comm, role == TW_ROLE_QUEUE ? "" : "nginx");
  return story;
}

tw_drops drops_story() {
  auto story = new_record<tw_drops>(2'500'000'000);
  story.listener = endpoint("0.0.0.0:80", 7);
  story.owner = make_worker(1200, 3);
  story.overflows_syn = 1480;
  story.overflows_ack = 211;
  story.queue_now = 512;
  story.queue_limit = 511;
  set_text(story.comm, "nginx");
  return story;
}

struct Stories {
  std::vector<tw_connect> connects;
  std::vector<tw_closed> closes;
  tw_drops drops = drops_story();

  std::vector<Record> records() const {
    std::vector<Record> all;
    for (const auto& story : connects) all.emplace_back(&story);
    for (const auto& story : closes) all.emplace_back(&story);
    all.emplace_back(&drops);
    return all;
  }
};

Stories stories() {
  Stories all;
  all.connects = {connect_story(TW_REASON_NONE, 0, 352'000),
                  connect_story(TW_REASON_EADDRNOTAVAIL, 99, 17'600'000),
                  connect_story(TW_REASON_ETIMEDOUT, 110, 127'000'000'000),
                  connect_story(TW_REASON_ABANDONED, 0, 50'000'000),
                  connect_story(TW_REASON_OTHER, 24, 1'000)};
  set_text(all.connects[4].comm, "\x1b[2J\xff\xfe evil");
  all.closes = {closed_story(TW_ROLE_IN, 0), closed_story(TW_ROLE_OUT, 104),
                closed_story(TW_ROLE_QUEUE, 0)};
  return all;
}

std::string as_text(const TraceStyle& style) {
  const Stories all = stories();
  std::string text = trace_heading(style) + "\n";
  for (const Record& record : all.records())
    text += *trace_text(record, wall_clock(), style) + "\n";
  return text;
}

TEST(ViewTrace, Text) {
  expect_golden("trace_80.txt", as_text({}));
  expect_golden("trace_140.txt", as_text({.width = 140}));
  expect_golden("trace_140_ansi.txt", as_text({.width = 140, .palette = Palette::kAnsi}));
}

TEST(ViewTrace, FitsIn80Columns) {
  EXPECT_LE(display_width(trace_heading({})), 80u);
  for (const tw_connect& story : stories().connects)
    EXPECT_LE(display_width(*trace_text(Record(&story), wall_clock(), {})), 80u);
}

TEST(ViewTrace, NamesErrnosThatAreNotCountedApart) {
  EXPECT_EQ(trace_outcome(connect_story(TW_REASON_NONE, 0, 1)), "ESTABLISHED");
  EXPECT_EQ(trace_outcome(connect_story(TW_REASON_OTHER, 24, 1)), "EMFILE");
  EXPECT_EQ(trace_outcome(connect_story(TW_REASON_UNKNOWN, 0, 1)), "UNKNOWN");
  EXPECT_EQ(trace_outcome(connect_story(TW_REASON_ABANDONED, 0, 1)), "ABANDONED");
}

TEST(ViewTrace, Json) {
  const Stories all = stories();
  std::string text;
  for (const Record& record : all.records()) {
    const auto line = trace_json(record, wall_clock());
    ASSERT_TRUE(line);
    EXPECT_TRUE(nlohmann::json::accept(*line)) << *line;
    EXPECT_EQ(*line, sanitize(*line)) << "one line";
    text += *line + "\n";
  }
  expect_golden("trace.jsonl", text);
}

TEST(ViewTrace, OtherRecordsAreNoStories) {
  const auto tick = new_record<tw_tick>(1);
  EXPECT_FALSE(trace_text(Record(&tick), wall_clock(), {}));
  EXPECT_FALSE(trace_json(Record(&tick), wall_clock()));
  EXPECT_FALSE(TraceFilter{}.matches(Record(&tick)));
}

// A queue whose refused SYNs are read once an interval.
Snapshot polled_interval() {
  Snapshot snapshot;
  snapshot.realtime_ns = 1'763'689'515'000'000'000;
  snapshot.interval = 1;
  snapshot.hooks.push_back(
      {.signal = "overflow_syn", .mechanism = "poll", .chosen = true, .exact = true});
  Listener row;
  row.address = "0.0.0.0:80";
  row.port = 80;
  row.netns = 7;
  row.comm = "nginx";
  row.owners = {1200, 1201};
  row.queue_now = 512;
  row.queue_limit = 511;
  row.overflows_total = {.syn = 1480, .ack = 211};
  row.overflows_delta = {.syn = 37, .ack = 4};
  snapshot.listeners = {row, row, row};
  snapshot.listeners[1].overflows_exact = false;
  snapshot.listeners[2].overflows_delta.syn = 0;
  Worker worker;
  worker.id = {.pid = 1201, .start_ticks = 9};
  snapshot.workers.push_back(worker);
  return snapshot;
}

TEST(ViewTrace, PolledDropsAreALineForEachInterval) {
  Snapshot snapshot = polled_interval();
  std::string text, wide, json;
  const auto dropping = polled_drops(snapshot);
  ASSERT_EQ(dropping.size(), 2U) << "one has refused none";
  for (const Listener* row : dropping) {
    text += trace_text(*row, snapshot, {}) + "\n";
    wide += trace_text(*row, snapshot, {.width = 140}) + "\n";
    json += trace_json(*row, snapshot) + "\n";
  }
  expect_golden("trace_polled.txt", text + wide + json);
  snapshot.hooks.front().mechanism = "fentry";
  EXPECT_TRUE(polled_drops(snapshot).empty()) << "the hook has told of each";
}

TEST(ViewTrace, FiltersOfPolledDrops) {
  const Snapshot snapshot = polled_interval();
  const auto passes = [&](const TraceFilter& filter) {
    return filter.matches(snapshot.listeners.front(), snapshot);
  };
  EXPECT_TRUE(passes({}));
  EXPECT_TRUE(passes({.failures_only = true}));
  EXPECT_TRUE(passes({.pids = {1201}}));
  EXPECT_FALSE(passes({.pids = {1202}}));
  EXPECT_TRUE(passes({.comm = "nginx"}));
  EXPECT_FALSE(passes({.comm = "redis"}));
  EXPECT_TRUE(passes({.port = 80}));
  EXPECT_FALSE(passes({.port = 81}));
  EXPECT_TRUE(passes({.netns = 7}));
  EXPECT_FALSE(passes({.netns = 8}));
  EXPECT_TRUE(passes({.worker = [](tw_worker worker) { return worker == kNginx; }}));
  EXPECT_FALSE(passes({.worker = [](tw_worker) { return false; }}));
}

TEST(ViewTrace, Filters) {
  const tw_connect good = connect_story(TW_REASON_NONE, 0, 1);
  const tw_connect bad = connect_story(TW_REASON_ETIMEDOUT, 110, 1);
  const tw_closed reset = closed_story(TW_ROLE_IN, 104);
  const tw_closed fine = closed_story(TW_ROLE_IN, 0);
  const tw_drops drops = drops_story();
  const auto passing = [&](const TraceFilter& filter) {
    std::string passed;
    passed += filter.matches(Record(&good)) ? 'g' : '-';
    passed += filter.matches(Record(&bad)) ? 'b' : '-';
    passed += filter.matches(Record(&reset)) ? 'r' : '-';
    passed += filter.matches(Record(&fine)) ? 'f' : '-';
    passed += filter.matches(Record(&drops)) ? 'd' : '-';
    return passed;
  };
  TraceFilter filter;
  EXPECT_EQ(passing(filter), "gbrfd");
  filter.failures_only = true;
  EXPECT_EQ(passing(filter), "-br-d");
  filter = {};
  filter.pids = {1200};
  EXPECT_EQ(passing(filter), "----d");
  filter.pids = {1, 1201};
  EXPECT_EQ(passing(filter), "gbrf-");
  filter = {};
  filter.port = 6379;
  EXPECT_EQ(passing(filter), "gb---");
  filter.port = 443;
  EXPECT_EQ(passing(filter), "--rf-") << "the local port counts too";
  filter.port = 80;
  EXPECT_EQ(passing(filter), "----d");
  filter = {};
  filter.netns = 7;
  EXPECT_EQ(passing(filter), "----d");
  filter = {};
  filter.comm = "nginx";
  EXPECT_EQ(passing(filter), "gbrfd");
  filter.comm = "ngin";
  EXPECT_EQ(passing(filter), "-----");
}

}  // namespace
}  // namespace tcpwatch::test
