// SPDX-License-Identifier: Apache-2.0
//
// For the screen's tests: a scene that keeps what it shows, keys typed into it, and the picture.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diagnosis/judge.h"
#include "views/screen/handle.h"
#include "views/screen/render.h"

namespace tcpwatch::test {

class Played {
 public:
  explicit Played(Snapshot snapshot, std::size_t width = 80, std::size_t height = 24) {
    state.width = width;
    state.height = height;
    show(std::move(snapshot));
  }

  void show(Snapshot snapshot) {
    history.add(snapshot);
    judge_.add(std::make_shared<const Snapshot>(snapshot));
    findings = finding_lines(judge_.judge());
    snapshot_ = std::move(snapshot);
  }
  Scene scene() const { return {snapshot_, history, findings}; }
  Page page() const { return compose(scene(), state); }
  Picture picture() const { return render(scene(), state, page()); }
  std::string text() const { return picture().frame.text(); }

  void press(const Key& key) {
    const Page shown = page();
    Handled step = handle(key, state, shown, render(scene(), state, shown).spots);
    state = std::move(step.state);
    action = step.action;
  }
  void press(Key::Kind kind, int times = 1) {
    for (int i = 0; i < times; ++i) press(Key{.kind = kind});
  }
  void type(std::u32string_view text) {
    for (const char32_t character : text) press(character_key(character));
  }
  // The line that is in reverse among the rows: what is selected.
  std::string selected_line() const {
    const Picture shown = picture();
    for (std::size_t y = shown.spots.rows_y; y < shown.spots.rows_y + shown.spots.rows; ++y) {
      if (y >= shown.frame.height() || !shown.frame.at(0, y).style.reverse) continue;
      std::string line;
      for (std::size_t x = 0; x < shown.frame.width(); ++x) line += shown.frame.at(x, y).text;
      return line;
    }
    return "";
  }

  ViewState state;
  History history;
  std::vector<FindingLine> findings;
  ScreenAction action = ScreenAction::kNone;

 private:
  Judge judge_;
  Snapshot snapshot_;
};

}  // namespace tcpwatch::test
