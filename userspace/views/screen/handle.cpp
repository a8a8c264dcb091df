// SPDX-License-Identifier: Apache-2.0
#include "views/screen/handle.h"

#include <algorithm>
#include <array>

#include "views/screen/groups.h"
#include "views/screen/handle_overlay.h"
#include "views/screen/movement.h"
#include "views/screen/opened.h"

namespace tcpwatch {
namespace {

using Kind = Key::Kind;

constexpr std::array<std::int64_t, 9> kIntervalsMs{100,  200,   500,   1000, 2000,
                                                   5000, 10000, 30000, 60000};

std::chrono::nanoseconds next_interval(std::chrono::nanoseconds now, bool longer) {
  std::chrono::nanoseconds best = now;
  for (const std::int64_t ms : kIntervalsMs) {
    const std::chrono::milliseconds step(ms);
    if (!longer && step < now) best = step;
    if (longer && step > now) return step;
  }
  return best;
}

// A key that stands for a character on keyboards that have no such key, or the other way round.
char32_t command_of(const Key& key) {
  if (key.kind == Kind::kCharacter) return key.character;
  if (key.kind == Kind::kTab) return U'\t';
  if (key.kind != Kind::kFunction) return 0;
  switch (key.function) {
    case 1:
      return U'?';
    case 3:
      return U'/';
    case 4:
      return U'\\';
    case 6:
      return U'o';
    case 10:
      return U'q';
    default:
      return 0;
  }
}

struct Handler {
  const Page& page;
  const Spots& spots;
  ViewState state;
  ScreenAction action = ScreenAction::kNone;

  void show(View view) {
    state.view = view;
    state.path.clear();
  }
  void next_view(std::size_t step) {
    show(static_cast<View>((static_cast<std::size_t>(state.view) + step) % kViews));
  }
  void open() {
    if (auto opened = opening(page)) {
      // Where the row is on its page, to find it again.
      select_row(state.table(), page, page.selected);
      state.path.push_back(*std::move(opened));
    }
  }
  void back() {
    if (!state.active_filter().empty())
      state.active_filter().clear();
    else if (!state.path.empty())
      state.path.pop_back();
    else
      state.table().selected.reset();
  }
  void prompt(Overlay overlay) {
    state.overlay = overlay;
    state.input = overlay == Overlay::kFilter ? state.active_filter() : "";
  }
  void menu(Overlay overlay) {
    state.overlay = overlay;
    state.menu_at = 0;
    if (overlay != Overlay::kSort) return;
    const auto& choices = page.rows->choices();
    const auto now = std::ranges::find(choices, state.table().sort, &ColumnChoice::name);
    if (now != choices.end()) state.menu_at = static_cast<std::size_t>(now - choices.begin()) + 1;
  }
  void next_group() {
    if (!state.path.empty() || (state.view != View::kWorkers && state.view != View::kStates)) {
      state.notice = "groups are for workers and states (1, 4)";
      return;
    }
    state.group = static_cast<Group>((static_cast<int>(state.group) + 1) % 4);
    state.notice = "grouped by " + std::string(group_name(state.group));
  }
  void next_match() {
    if (state.search.empty())
      prompt(Overlay::kSearch);
    else if (!select_match(state.table(), page, state.search, page.selected + 1))
      state.notice = "no row matches " + state.search;
  }
  void change_interval(bool longer) { state.interval = next_interval(state.interval, longer); }

  // False: no such command.
  bool command(char32_t character) {
    switch (character) {
      case U'1':
      case U'2':
      case U'3':
      case U'4':
      case U'5':
        show(static_cast<View>(character - U'1'));
        return true;
      case U'\t':
        next_view(1);
        return true;
      case U'q':
        action = ScreenAction::kQuit;
        return true;
      case U'?':
      case U'h':
        menu(Overlay::kHelp);
        return true;
      case U'/':
        prompt(Overlay::kSearch);
        return true;
      case U'\\':
        prompt(Overlay::kFilter);
        return true;
      case U'o':
        menu(Overlay::kSort);
        return true;
      case U'c':
        menu(Overlay::kColumns);
        return true;
      default:
        return setting(character);
    }
  }
  bool setting(char32_t character) {
    switch (character) {
      case U'<':
      case U'>':
        sort_beside(state.table(), spots, character == U'>' ? 1 : -1);
        return true;
      case U'I':
        state.table().inverted = !state.table().inverted;
        return true;
      case U't':
        next_group();
        return true;
      case U'n':
        next_match();
        return true;
      case U' ':
      case U'p':
        state.frozen = !state.frozen;
        return true;
      case U'+':
      case U'-':
        change_interval(character == U'+');
        return true;
      case U's':
        action = ScreenAction::kSave;
        return true;
      case U'w':
        action = ScreenAction::kCapture;
        return true;
      default:
        return false;
    }
  }

  void plain(const Key& key) {
    if (move_selection(key, state.table(), page, spots)) return;
    if (key.kind == Kind::kEnter)
      open();
    else if (key.kind == Kind::kEscape)
      back();
    else if (key.kind == Kind::kBackTab)
      next_view(kViews - 1);
    else if (key.kind == Kind::kClick && click(key, state, page, spots))
      open();
    else
      command(command_of(key));
  }
};

}  // namespace

Handled handle(const Key& key, const ViewState& state, const Page& page, const Spots& spots) {
  Handler handler{page, spots, state};
  ViewState& next = handler.state;
  if (key.kind == Kind::kResize) {
    next.width = key.x;
    next.height = key.y;
    return {std::move(next), ScreenAction::kNone};
  }
  next.notice.clear();
  // What the picture settled: where the selected row is, and the first one on the screen.
  next.table().top = spots.top;
  if (next.table().selected) next.table().at = page.selected;
  if (next.overlay == Overlay::kNone)
    handler.plain(key);
  else
    handle_overlay(key, next, page, spots);
  return {std::move(next), handler.action};
}

}  // namespace tcpwatch
