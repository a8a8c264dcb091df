// SPDX-License-Identifier: Apache-2.0
#include "views/screen/handle_overlay.h"

#include <algorithm>

#include "base/fixed_text.h"
#include "views/screen/movement.h"

namespace tcpwatch {
namespace {

using Kind = Key::Kind;

constexpr std::size_t kLongestInput = 128;

void append_utf8(std::string& text, char32_t character) {
  const auto byte = [&](char32_t bits) { text += static_cast<char>(bits); };
  if (character < 0x80) {
    byte(character);
  } else if (character < 0x800) {
    byte(0xc0 | character >> 6);
    byte(0x80 | (character & 0x3f));
  } else if (character < 0x10000) {
    byte(0xe0 | character >> 12);
    byte(0x80 | (character >> 6 & 0x3f));
    byte(0x80 | (character & 0x3f));
  } else {
    byte(0xf0 | character >> 18);
    byte(0x80 | (character >> 12 & 0x3f));
    byte(0x80 | (character >> 6 & 0x3f));
    byte(0x80 | (character & 0x3f));
  }
}

void take_back(std::string& text) {
  if (!text.empty()) text.resize(utf8_prefix(text, text.size() - 1).size());
}

// Both act while one types.
void apply_input(ViewState& state, const Page& page) {
  if (state.overlay == Overlay::kFilter) {
    state.active_filter() = state.input;
    return;
  }
  state.search = state.input;
  if (!state.search.empty()) select_match(state.table(), page, state.search, page.selected);
}

void handle_prompt(const Key& key, ViewState& state, const Page& page) {
  if (key.kind == Kind::kEnter) {
    state.overlay = Overlay::kNone;
  } else if (key.kind == Kind::kEscape) {
    if (state.overlay == Overlay::kFilter) state.active_filter().clear();
    state.overlay = Overlay::kNone;
  } else if (key.kind == Kind::kBackspace) {
    take_back(state.input);
    apply_input(state, page);
  } else if (key.kind == Kind::kCharacter && key.character >= 0x20 && key.character != 0x7f &&
             state.input.size() < kLongestInput) {
    append_utf8(state.input, key.character);
    apply_input(state, page);
  }
}

// Up and down in a list or text; true if the key was one of those.
bool move_menu(const Key& key, ViewState& state, const Spots& spots) {
  const std::size_t last = std::max<std::size_t>(1, spots.menu_rows) - 1;
  const std::size_t step = std::max<std::size_t>(1, spots.rows);
  const char32_t character = key.kind == Kind::kCharacter ? key.character : 0;
  std::size_t& at = state.menu_at;
  at = std::min(at, last);
  if (key.kind == Kind::kDown || key.kind == Kind::kWheelDown || character == U'j')
    at = std::min(at + 1, last);
  else if (key.kind == Kind::kUp || key.kind == Kind::kWheelUp || character == U'k')
    at -= std::min<std::size_t>(at, 1);
  else if (key.kind == Kind::kPageDown)
    at = std::min(at + step, last);
  else if (key.kind == Kind::kPageUp)
    at -= std::min(at, step);
  else if (key.kind == Kind::kHome)
    at = 0;
  else if (key.kind == Kind::kEnd)
    at = last;
  else
    return false;
  return true;
}

void choose(const Key& key, ViewState& state, const Page& page) {
  const auto& choices = page.rows->choices();
  const bool space = key.kind == Kind::kCharacter && key.character == U' ';
  const bool enter = key.kind == Kind::kEnter;
  if (state.overlay == Overlay::kSort && (enter || space)) {
    const std::size_t at = state.menu_at;
    sort_by(state.table(), at == 0 || at > choices.size() ? "" : choices[at - 1].name);
  } else if (state.overlay == Overlay::kColumns && (enter || space) &&
             state.menu_at < choices.size()) {
    const std::string name(choices[state.menu_at].name);
    auto& toggled = state.table().toggled;
    if (toggled.erase(name) == 0) toggled.insert(name);
    return;  // more may be chosen
  }
  state.overlay = Overlay::kNone;
}

}  // namespace

void handle_overlay(const Key& key, ViewState& state, const Page& page, const Spots& spots) {
  if (key.kind == Kind::kNone) return;
  if (state.overlay == Overlay::kSearch || state.overlay == Overlay::kFilter) {
    handle_prompt(key, state, page);
    return;
  }
  if (move_menu(key, state, spots)) return;
  if (state.overlay == Overlay::kHelp)
    state.overlay = Overlay::kNone;
  else
    choose(key, state, page);
}

}  // namespace tcpwatch
