// SPDX-License-Identifier: Apache-2.0
//
// The screen, cell by cell, at three sizes. What is shown are records: see screen_incidents.h.
#include <gtest/gtest.h>

#include "screen_incidents.h"
#include "screen_support.h"
#include "view_golden.h"
#include "view_snapshots.h"

namespace tcpwatch::test {
namespace {

struct Size {
  std::size_t width, height;
};
constexpr Size kSizes[] = {{80, 24}, {120, 40}, {200, 60}};

void expect_frames(const std::string& name, Played& played) {
  for (const auto& [width, height] : kSizes) {
    played.press(Key{.kind = Key::Kind::kResize, .x = width, .y = height});
    const std::string file =
        "screen_" + name + "_" + std::to_string(width) + "x" + std::to_string(height) + ".txt";
    expect_golden(file, played.text());
  }
}

TEST(ScreenGolden, Healthy) {
  Played played = play(healthy_minute());
  expect_frames("healthy", played);
}

TEST(ScreenGolden, AcceptQueueOverflow) {
  Played played = play(accept_queue_overflow());
  played.type(U"2");
  expect_frames("accept_queue_overflow", played);
}

TEST(ScreenGolden, PortExhaustion) {
  Played played = play(port_exhaustion());
  expect_frames("port_exhaustion", played);
  played.type(U"3");
  expect_frames("port_exhaustion_destinations", played);
}

TEST(ScreenGolden, Help) {
  Played played = play(healthy_minute());
  played.type(U"?");
  expect_frames("help", played);
}

TEST(ScreenGolden, Filter) {
  Played played = play(port_exhaustion());
  played.type(U"\\1202");
  expect_frames("filter", played);
}

TEST(ScreenGolden, DrillDown) {
  Played played = play(port_exhaustion());
  played.press(Key::Kind::kEnter);
  expect_frames("worker", played);
  played.press(Key::Kind::kEnter);
  expect_frames("worker_destination", played);
}

TEST(ScreenGolden, States) {
  Played played = play(port_exhaustion());
  played.type(U"4");
  expect_frames("states", played);
}

TEST(ScreenGolden, Groups) {
  Played played = play(port_exhaustion());
  played.type(U"t");
  expect_frames("groups", played);
}

TEST(ScreenGolden, Findings) {
  Played played = play(healthy_minute());
  played.type(U"5");
  expect_frames("findings", played);
}

TEST(ScreenGolden, FindingsOfAnIncident) {
  Played played = play(port_exhaustion());
  played.type(U"5");
  expect_frames("findings_incident", played);
}

TEST(ScreenGolden, Menus) {
  Played played = play(healthy_minute());
  played.type(U"c");
  expect_golden("screen_columns_80x24.txt", played.text());
  played.press(Key::Kind::kEscape);
  played.type(U"o");
  expect_golden("screen_sort_80x24.txt", played.text());
}

TEST(ScreenGolden, Hostile) {
  Played played(hostile_snapshot());
  expect_frames("hostile", played);
}

// Another tcpwatch that starts fills a queue of its own and lets a connect fail: its self-test.
TEST(ScreenGolden, ASelfTestIsNoTrouble) {
  for (const char* comm : {"nginx", "tcpwatch"}) {
    Snapshot snapshot = healthy_snapshot();
    Worker worker;
    worker.id = {4242, 1};
    worker.comm = comm;
    snapshot.workers.push_back(worker);
    Listener queue;
    queue.address = "127.0.0.1:34429";
    queue.owners = {4242};
    queue.overflows_delta.syn = 1;
    snapshot.listeners.push_back(queue);
    Destination peer;
    peer.address = "127.0.0.1:34429";
    peer.workers = {4242};
    peer.delta.connects = peer.delta.failures[TW_REASON_ABANDONED] = 1;
    snapshot.destinations.push_back(peer);
    History history;
    history.add(snapshot);
    EXPECT_EQ(history.trouble().sentences().size(), comm == std::string("nginx") ? 2U : 0U) << comm;
  }
}

TEST(ScreenGolden, Empty) {
  Played played(empty_snapshot());
  expect_frames("empty", played);
}

// Which cell has which meaning: what the terminal paints.
TEST(ScreenGolden, Styles) {
  Played played = play(port_exhaustion());
  played.press(Key::Kind::kDown);
  expect_golden("screen_port_exhaustion_80x24_styles.txt", played.picture().frame.styles());
}

TEST(ScreenGolden, Ascii) {
  const Played played = play(port_exhaustion());
  expect_golden("screen_port_exhaustion_80x24_ascii.txt", in_ascii(played.picture().frame).text());
}

}  // namespace
}  // namespace tcpwatch::test
