// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "views/screen/groups.h"
#include "views/screen/panes.h"

namespace tcpwatch {
namespace {

constexpr std::array<std::string_view, kViews> kNames{"workers", "listeners", "destinations",
                                                      "states", "findings"};

std::size_t count_of(const Scene& scene, View view) {
  switch (view) {
    case View::kWorkers:
    case View::kStates:
      return scene.snapshot.workers.size();
    case View::kListeners:
      return scene.snapshot.listeners.size();
    case View::kDestinations:
      return scene.snapshot.destinations.size();
    case View::kFindings:
      break;
  }
  return scene.findings.size();
}

// What narrows or orders the table, as far as it is not the usual.
std::string choices(const ViewState& state, const Page& page) {
  std::string text;
  const auto add = [&](const std::string& choice) { text += (text.empty() ? "" : "  ") + choice; };
  if (const std::string& filter = state.active_filter(); !filter.empty())
    add(fmt::format("filter \"{}\" {} of {}", sanitize(filter), page.rows->size(),
                    page.rows->unfiltered()));
  const bool workers = state.view == View::kWorkers || state.view == View::kStates;
  if (state.path.empty() && workers && state.group != Group::kProcess)
    add(fmt::format("by {}", group_name(state.group)));
  return text;
}

void draw_path(Frame& frame, std::size_t y, const ViewState& state) {
  std::size_t x = 0;
  x += frame.put(x, y, kNames[static_cast<std::size_t>(state.view)], {Tone::kDim});
  for (const Opened& opened : state.path) {
    const bool last = &opened == &state.path.back();
    x += frame.put(x, y, " › ", {Tone::kDim});
    x += frame.put(x, y, opened.name, {last ? Tone::kTitle : Tone::kDim});
  }
  frame.put(x + 3, y, "(Esc: back)", {Tone::kDim});
}

}  // namespace

void draw_tabs(Frame& frame, std::size_t y, const Scene& scene, const ViewState& state,
               const Page& page, Spots& spots) {
  spots.tabs_y = y;
  if (!state.path.empty()) {
    draw_path(frame, y, state);
  } else {
    const bool narrow = frame.width() < 100;
    std::size_t x = 0;
    for (std::size_t i = 0; i < kViews; ++i) {
      const View view = static_cast<View>(i);
      const bool here = view == state.view;
      const std::size_t begin = x;
      std::string text = fmt::format("{} {}", i + 1, kNames[i]);
      if (!narrow || view != View::kStates) text += fmt::format(" {}", count_of(scene, view));
      x += frame.put(x, y, here ? "[" : " ", {Tone::kTitle});
      x += frame.put(x, y, text, {here ? Tone::kTitle : Tone::kNormal});
      x += frame.put(x, y, here ? "]" : " ", {Tone::kTitle});
      spots.tabs.push_back({begin, x, view});
    }
  }
  std::string note = choices(state, page);
  if (!note.empty()) note = "  " + note;
  const std::size_t width = display_width(note);
  if (width == 0 || width >= frame.width()) return;
  const std::size_t begin = frame.width() - width;
  // Of a tab that it reaches into nothing stays: half a name is a riddle.
  for (const auto& tab : spots.tabs)
    if (tab.begin < begin && begin + 1 < tab.end)
      frame.put(tab.begin, y, std::string(begin - tab.begin, ' '));
  frame.put(begin, y, note, {Tone::kWarning});
}

}  // namespace tcpwatch
