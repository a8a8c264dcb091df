// SPDX-License-Identifier: Apache-2.0
//
// What keys and the mouse do: states, not pictures.
#include <gtest/gtest.h>

#include <algorithm>

#include "screen_incidents.h"
#include "screen_support.h"
#include "view_snapshots.h"

namespace tcpwatch::test {
namespace {

using Kind = Key::Kind;

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

Snapshot without(Snapshot snapshot, std::uint32_t pid) {
  snapshot.workers.keep_if([&](const Worker& row) { return row.id.pid != pid; });
  return snapshot;
}

// The last worker, become the busiest.
Snapshot turned_over(const Snapshot& snapshot, std::uint32_t pid) {
  Snapshot next = without(snapshot, pid);
  for (const Worker& row : snapshot.workers) {
    if (row.id.pid != pid) continue;
    Worker busy = row;
    busy.delta.accepts += 100'000;
    next.workers.push_back(busy);
  }
  return next;
}

TEST(ScreenKeys, SelectionStaysOnItsRowWhileRowsMove) {
  const Snapshot snapshot = healthy_snapshot();
  Played played(snapshot);
  played.press(Kind::kDown, 3);
  const std::string before = played.selected_line();
  ASSERT_TRUE(has(before, "1201")) << before;
  played.show(turned_over(snapshot, 1201));
  EXPECT_TRUE(has(played.selected_line(), "1201")) << played.text();
  EXPECT_EQ(played.page().selected, 0u);
  EXPECT_EQ(played.page().rows->size(), 5u);
}

TEST(ScreenKeys, AnHeirTakesTheSelectionOfARowThatLeft) {
  Played played(healthy_snapshot());
  played.press(Kind::kDown, 1);
  ASSERT_TRUE(has(played.selected_line(), "1203"));
  played.press(Key{});  // a picture later
  played.show(without(healthy_snapshot(), 1203));
  EXPECT_TRUE(has(played.selected_line(), "1202")) << played.text();
}

TEST(ScreenKeys, TheFirstRowIsSelectedUntilSomebodyMoves) {
  Played played(healthy_snapshot());
  ASSERT_TRUE(has(played.selected_line(), "1204"));
  played.show(turned_over(healthy_snapshot(), 1201));
  EXPECT_TRUE(has(played.selected_line(), "1201"));
  played.type(U"G");
  EXPECT_TRUE(has(played.selected_line(), "1200"));
  played.type(U"g");
  EXPECT_FALSE(played.state.table().selected);
}

TEST(ScreenKeys, ViKeysAndArrowsAreTheSame) {
  Played arrows(healthy_snapshot());
  Played vi(healthy_snapshot());
  arrows.press(Kind::kDown, 3);
  arrows.press(Kind::kUp);
  vi.type(U"jjjk");
  EXPECT_EQ(arrows.text(), vi.text());
  EXPECT_EQ(arrows.selected_line(), vi.selected_line());
}

TEST(ScreenKeys, ViewsByNumberAndTab) {
  Played played(healthy_snapshot());
  played.type(U"3");
  EXPECT_EQ(played.state.view, View::kDestinations);
  played.press(Kind::kTab);
  EXPECT_EQ(played.state.view, View::kStates);
  played.press(Kind::kTab, 2);
  EXPECT_EQ(played.state.view, View::kWorkers);
  played.press(Kind::kBackTab);
  EXPECT_EQ(played.state.view, View::kFindings);
}

TEST(ScreenKeys, SearchMovesAndNWraps) {
  Played played(healthy_snapshot());
  played.type(U"/1202");
  EXPECT_TRUE(has(played.selected_line(), "1202"));
  played.press(Kind::kEnter);
  played.type(U"/NGINX: MASTER");
  played.press(Kind::kEnter);
  EXPECT_TRUE(has(played.selected_line(), "1200")) << played.text();
  played.type(U"/worker");
  played.press(Kind::kEnter);
  const std::string first = played.selected_line();
  played.type(U"nnn");
  EXPECT_NE(first, played.selected_line());
  played.type(U"n");
  EXPECT_EQ(first, played.selected_line());
}

TEST(ScreenKeys, FilterNarrowsAndEscapeWidens) {
  Played played(incident_snapshot());
  played.type(U"\\eaddrnot");
  EXPECT_EQ(played.page().rows->size(), 4u);
  played.press(Kind::kEnter);
  EXPECT_EQ(played.state.overlay, Overlay::kNone);
  played.press(Kind::kEscape);
  EXPECT_EQ(played.page().rows->size(), 5u);
  played.type(U"\\nobody");
  EXPECT_TRUE(has(played.text(), "No row matches"));
  played.press(Kind::kBackspace, 6);
  EXPECT_EQ(played.page().rows->size(), 5u);
}

TEST(ScreenKeys, PromptsTakeUtf8AndNothingElse) {
  Played played(hostile_snapshot());
  played.type(U"\\日本");
  EXPECT_EQ(played.state.filter, "日本");
  EXPECT_EQ(played.page().rows->size(), 2u);
  played.press(Kind::kBackspace);
  EXPECT_EQ(played.state.filter, "日");
  played.press(Kind::kUp);
  played.press(character_key(7));
  EXPECT_EQ(played.state.filter, "日");
}

TEST(ScreenKeys, SortByColumnsAndBack) {
  Played played(healthy_snapshot());
  played.type(U">");
  EXPECT_EQ(played.state.table().sort, "pid");
  EXPECT_TRUE(has(played.text(), "PID▼"));
  EXPECT_TRUE(has(played.selected_line(), "1204"));
  played.type(U"I");
  EXPECT_TRUE(has(played.text(), "PID▲"));
  EXPECT_TRUE(has(played.selected_line(), "1200"));
  played.type(U"<");
  EXPECT_EQ(played.state.table().sort, "") << "worst first";
  played.press(Key{.kind = Kind::kFunction, .function = 6});
  played.press(Kind::kDown, 2);
  played.press(Kind::kEnter);
  EXPECT_EQ(played.state.table().sort, "comm");
  EXPECT_EQ(played.state.overlay, Overlay::kNone);
}

TEST(ScreenKeys, ColumnsComeAndGo) {
  Played played(healthy_snapshot());
  ASSERT_FALSE(has(played.text(), "FINW2"));
  played.type(U"c");
  const auto choices = played.page().rows->choices();
  const auto at = std::ranges::find(choices, "FINW2", &ColumnChoice::title) - choices.begin();
  played.press(Kind::kDown, static_cast<int>(at));
  played.type(U" ");
  played.press(Kind::kEscape);
  EXPECT_TRUE(has(played.text(), "FINW2")) << played.text();
}

TEST(ScreenKeys, EnterGoesDownAndEscapeUp) {
  const Played recorded = play(port_exhaustion());
  Played played = recorded;
  played.press(Kind::kDown, 2);
  played.press(Kind::kEnter);
  EXPECT_TRUE(has(played.text(), "workers › 1202 nginx"));
  EXPECT_TRUE(has(played.text(), "0.0.0.0:80"));
  played.press(Kind::kDown);
  played.press(Kind::kEnter);
  EXPECT_TRUE(has(played.text(), "› 10.0.0.9:8080"));
  played.press(Kind::kEscape, 2);
  EXPECT_TRUE(has(played.selected_line(), "1202")) << "where one came from";
}

TEST(ScreenKeys, AFilterStaysWhereItWasMade) {
  Played played = play(port_exhaustion());
  played.type(U"\\worker");
  played.press(Kind::kEnter, 2);
  EXPECT_EQ(played.page().rows->size(), 2u) << played.text();
  played.type(U"\\8080");
  played.press(Kind::kEnter);
  EXPECT_EQ(played.page().rows->size(), 1u);
  played.press(Kind::kEscape);
  EXPECT_EQ(played.page().rows->size(), 2u);
  played.press(Kind::kEscape);
  EXPECT_EQ(played.state.filter, "worker");
  EXPECT_TRUE(played.state.path.empty());
}

TEST(ScreenKeys, GroupsAddUp) {
  Played played = play(port_exhaustion());
  played.type(U"ttt");
  EXPECT_TRUE(has(played.selected_line(), "nginx"));
  EXPECT_TRUE(has(played.selected_line(), "624")) << played.text();
  played.press(Kind::kEnter);
  EXPECT_EQ(played.page().rows->size(), 4u);
  played.type(U"2t");
  EXPECT_FALSE(played.state.notice.empty());
}

TEST(ScreenKeys, GroupsGoAround) {
  Played played = play(port_exhaustion());
  const auto rows = [&] { return played.page().rows->size(); };
  ASSERT_EQ(rows(), 4u);
  for (const auto& [group, shown] :
       {std::pair(Group::kCgroup, "nginx.service"), std::pair(Group::kContainer, "no container"),
        std::pair(Group::kComm, "nginx")}) {
    played.type(U"t");
    EXPECT_EQ(played.state.group, group);
    EXPECT_EQ(rows(), 1u);
    EXPECT_TRUE(has(played.selected_line(), shown)) << played.text();
    EXPECT_TRUE(has(played.selected_line(), " 4 ")) << "its members: " << played.text();
  }
  played.type(U"t");
  EXPECT_EQ(played.state.group, Group::kProcess);
  EXPECT_EQ(rows(), 4u);
}

TEST(ScreenKeys, FunctionKeysAreTheCommandsOfHtop) {
  const auto pressed = [](unsigned number) {
    Played played(healthy_snapshot());
    played.press(Key{.kind = Kind::kFunction, .function = number});
    return played;
  };
  EXPECT_EQ(pressed(1).state.overlay, Overlay::kHelp);
  EXPECT_EQ(pressed(3).state.overlay, Overlay::kSearch);
  EXPECT_EQ(pressed(4).state.overlay, Overlay::kFilter);
  EXPECT_EQ(pressed(6).state.overlay, Overlay::kSort);
  EXPECT_EQ(pressed(10).action, ScreenAction::kQuit);
  EXPECT_EQ(pressed(12).state.overlay, Overlay::kNone);
}

TEST(ScreenKeys, PagesAndEnds) {
  Played played(healthy_snapshot());
  played.press(Key{.kind = Kind::kResize, .x = 80, .y = 11});  // two rows of five
  const auto at = [&] { return played.page().selected; };
  played.press(Kind::kPageDown);
  const std::size_t page = at();
  EXPECT_GT(page, 0u);
  played.press(Kind::kEnd);
  EXPECT_EQ(at(), 4u);
  EXPECT_TRUE(has(played.selected_line(), "1200")) << "it is on the screen: " << played.text();
  played.press(Kind::kPageUp);
  EXPECT_EQ(at(), 4u - page);
  played.press(Kind::kHome);
  EXPECT_EQ(at(), 0u);
}

TEST(ScreenKeys, HelpHasAllKeysAndScrolls) {
  Played played(healthy_snapshot());
  played.press(Key{.kind = Kind::kResize, .x = 100, .y = 60});
  played.type(U"?");
  for (const char* key : {"1-5, Tab", "Up Down, k j", "Enter", "Esc", "/", "\\", "< >", "F6", "I",
                          "t", "c", "Space", "+ -", "s", "w", "Left Right", "q,"})
    EXPECT_TRUE(has(played.text(), "\n  " + std::string(key))) << key;
  EXPECT_TRUE(has(played.text(), "COLUMNS of this view"));
  played.press(Key{.kind = Kind::kResize, .x = 100, .y = 24});
  EXPECT_FALSE(has(played.text(), "command line of the process"));
  played.press(Kind::kEnd);
  EXPECT_TRUE(has(played.text(), "command line of the process")) << played.text();
  EXPECT_EQ(played.state.overlay, Overlay::kHelp);
  played.type(U"x");
  EXPECT_EQ(played.state.overlay, Overlay::kNone);
}

TEST(ScreenKeys, TheMouse) {
  Played played(healthy_snapshot());
  const Spots spots = played.picture().spots;
  played.press(Key{.kind = Kind::kClick, .x = 10, .y = spots.rows_y + 2});
  EXPECT_TRUE(has(played.selected_line(), "1202"));
  played.press(Key{.kind = Kind::kClick, .x = spots.headings[2].begin, .y = spots.headings_y});
  EXPECT_EQ(played.state.table().sort, "accepts");
  played.press(Key{.kind = Kind::kWheelDown});
  EXPECT_TRUE(has(played.selected_line(), "1200"));
  played.press(Key{.kind = Kind::kClick, .x = spots.tabs[1].begin, .y = spots.tabs_y});
  EXPECT_EQ(played.state.view, View::kListeners);
  played.press(Key{.kind = Kind::kClick, .x = 1000, .y = 1000});
}

TEST(ScreenKeys, IntervalFreezeSaveQuit) {
  Played played(healthy_snapshot());
  played.type(U"+");
  EXPECT_EQ(played.state.interval, std::chrono::seconds(2));
  played.type(U"-----------");
  EXPECT_EQ(played.state.interval, std::chrono::milliseconds(100));
  played.type(U" ");
  EXPECT_TRUE(has(played.text(), "FROZEN"));
  played.type(U" ");
  EXPECT_FALSE(has(played.text(), "FROZEN"));
  played.type(U"s");
  EXPECT_EQ(played.action, ScreenAction::kSave);
  played.type(U"w");
  EXPECT_EQ(played.action, ScreenAction::kCapture);
  played.type(U"q");
  EXPECT_EQ(played.action, ScreenAction::kQuit);
}

TEST(ScreenKeys, WhatNarrowsTheTableLeavesNoPartOfATab) {
  Played played(healthy_snapshot());
  played.state.group = Group::kContainer;
  for (std::size_t width = 50; width < 120; ++width) {
    played.press(Key{.kind = Key::Kind::kResize, .x = width, .y = 24});
    const std::string text = played.text();
    const std::size_t begin = text.find("[1 workers");
    ASSERT_NE(begin, std::string::npos);
    std::string line = text.substr(begin, text.find('\n', begin) - begin);
    for (const char* name : {"[1 workers", "2 listeners", "3 destinations", "4 states",
                             "5 findings", "by container"}) {
      const std::size_t at = line.find(name);
      if (at != std::string::npos) line.erase(at, std::string_view(name).size());
    }
    EXPECT_EQ(line.find_first_not_of(" ]0123456789"), std::string::npos) << width << line;
  }
}

}  // namespace
}  // namespace tcpwatch::test
