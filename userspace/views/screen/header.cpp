// SPDX-License-Identifier: Apache-2.0
//
// The header has two columns: accepting on the left, connecting on the right. Its lines stand
// still, so that eyes find them: only what must be said now (findings, losses) comes and goes
// below.
#include <fmt/format.h>

#include <algorithm>

#include "base/clock.h"
#include "base/duration.h"
#include "base/human.h"
#include "base/names.h"
#include "base/text.h"
#include "views/screen/gauge.h"
#include "views/screen/panes.h"
#include "views/screen/states_bar.h"
#include "views/value.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kLabel = 10;
constexpr std::size_t kFigure = 8;

std::string clock_text(std::uint64_t realtime_ns) {
  if (realtime_ns == 0) return "";  // before the first interval
  std::string time = format_rfc3339(realtime_ns);
  time = time.substr(0, time.find('.'));
  time[time.find('T')] = ' ';
  return time + " UTC";
}

void draw_title(Frame& frame, const Scene& scene, const ViewState& state) {
  const Snapshot& snapshot = scene.snapshot;
  // A narrow screen has room for the host's name alone.
  const bool wide = frame.width() >= 100;
  std::string left = " tcpwatch ";
  if (wide) left += sanitize(snapshot.version) + " ";
  left += sanitize(snapshot.host);
  if (wide) left += "  kernel " + sanitize(snapshot.kernel);
  std::string right =
      state.replay.empty() ? fmt::format("every {}", duration_text(state.interval)) : state.replay;
  if (snapshot.own_cpu && snapshot.interval > 0)
    right += "  own CPU " + format_percent(*snapshot.own_cpu / snapshot.interval);
  right += "  " + clock_text(snapshot.realtime_ns) + " ";
  if (state.frozen) right = "FROZEN  " + right;
  const std::size_t room = frame.width() - std::min(frame.width(), display_width(right) + 1);
  constexpr Style kBar{Tone::kBar, true};
  frame.fill(0, kBar);
  frame.put(0, 0, cut(left, room), kBar);
  const std::size_t begin = frame.width() - std::min(frame.width(), display_width(right));
  frame.put(begin, 0, right, kBar);
}

struct Figure {
  std::string_view label;
  TotalName name;
  bool bad;  // anything but 0 is trouble
};

void draw_total(Frame& frame, std::size_t x, std::size_t y, std::size_t width, const Figure& figure,
                const Total& total, const History& history) {
  const Tone tone = figure.bad && total.per_second > 0 ? Tone::kBad : Tone::kNormal;
  std::string text = total.quality == Quality::kUnavailable ? "-" : format_rate(total.per_second);
  if (total.quality == Quality::kEstimated) text = "~" + text;
  frame.put(x, y, align_left(figure.label, kLabel), {Tone::kTitle}, width);
  frame.put(x + kLabel, y, align_right(text, kFigure), {tone}, width - std::min(width, kLabel));
  const std::size_t used = kLabel + kFigure + 1;
  if (width <= used) return;
  const std::size_t cells = std::min<std::size_t>(60, width - used);
  const auto series = history.series(figure.name, cells);
  const bool quiet =
      std::ranges::all_of(series, [](const auto& value) { return !value || *value == 0; });
  const Tone paint = quiet ? Tone::kDim : figure.bad ? Tone::kBad : Tone::kGood;
  frame.put(x + used, y, sparkline(series), {paint}, cells);
}

double filled(const Listener& row) {
  return std::max(row.queue_now, row.queue_peak) / (static_cast<double>(row.queue_limit) + 1);
}

// The fullest accept queue of the interval; of a full one, the one that drops most.
void draw_queue(Frame& frame, std::size_t x, std::size_t y, std::size_t width,
                const Snapshot& snapshot) {
  frame.put(x, y, "queue", {Tone::kTitle}, width);
  const auto worse = [](const Listener& a, const Listener& b) {
    const auto rank = [](const Listener& row) {
      return std::pair(filled(row), row.overflows_delta.syn + row.overflows_delta.ack);
    };
    return rank(a) < rank(b);
  };
  const auto worst = std::ranges::max_element(snapshot.listeners, worse);
  if (worst == snapshot.listeners.end()) {
    frame.put(x + kLabel, y, "no listener", {Tone::kDim}, width - std::min(width, kLabel));
    return;
  }
  const double share = filled(*worst);
  const Tone tone = share >= 1 ? Tone::kBad : share >= 0.5 ? Tone::kWarning : Tone::kGood;
  const std::string label = fmt::format("{}/{}", std::max(worst->queue_now, worst->queue_peak),
                                        std::uint64_t{worst->queue_limit} + 1);
  const std::size_t room = width - std::min(width, kLabel + 1);
  const std::size_t drawn = std::clamp<std::size_t>(room / 3, std::min<std::size_t>(room, 10), 40);
  frame.put(x + kLabel + 1, y, meter(share, label, drawn), {tone}, room);
  if (room > drawn + 1)
    frame.put(x + kLabel + drawn + 2, y,
              cut(sanitize(worst->address + " " + worst->comm), room - drawn - 1), {},
              room - drawn - 1);
}

std::vector<FlowItem> problems(const Snapshot& snapshot, const Coverage& coverage) {
  std::vector<FlowItem> items;
  const auto lost = [&](std::uint64_t count, std::string_view what) {
    if (count != 0)
      items.push_back(
          {format_count(static_cast<double>(count)) + " " + std::string(what), Tone::kBad});
  };
  lost(snapshot.lost_delta.events, "events lost");
  lost(snapshot.lost_delta.folded, "flows folded");
  lost(snapshot.lost_delta.untracked, "sockets untracked");
  if (const std::string stale = sample_text(snapshot); !stale.empty())
    items.push_back({stale, Tone::kWarning});
  for (const SignalCoverage& signal : coverage.signals())
    if (signal.quality != Quality::kExact)
      items.push_back({sanitize(signal.signal) + " " + std::string(quality_name(signal.quality)),
                       Tone::kWarning});
  return items;
}

std::size_t draw_labelled(Frame& frame, std::size_t y, std::string_view label,
                          const std::vector<FlowItem>& items) {
  if (items.empty()) return y;
  frame.put(0, y, label, {Tone::kTitle});
  std::size_t x = kLabel + 1;
  for (const FlowItem& item : items) {
    if (x >= frame.width()) break;
    x += frame.put(x, y, cut(item.text, frame.width() - x), {item.tone}) + 3;
  }
  return y + 1;
}

// A sentence beside its label, in so many lines at most.
std::size_t draw_told(Frame& frame, std::size_t y, std::string_view label, std::string_view text,
                      std::size_t lines, Tone tone) {
  if (text.empty()) return y;
  frame.put(0, y, label, {Tone::kTitle});
  const std::size_t room = frame.width() - kLabel - 1;
  for (const std::string& line : wrapped_lines(sanitize(text), room, lines))
    frame.put(kLabel + 1, y++, line, {tone});
  return y;
}

// The worst finding, what is at the bottom of it, and what to do about that.
std::size_t draw_finding(Frame& frame, std::size_t y, const FindingLine& worst) {
  constexpr std::size_t kRoomForAdvice = 20;  // lines of the screen
  const bool low = frame.height() < kRoomForAdvice;
  const Tone tone = worst.severity == Severity::kCritical ? Tone::kBad : Tone::kWarning;
  const std::string since =
      worst.lasted >= 1 ? "for " + format_seconds(worst.lasted) + ": " : std::string();
  y = draw_told(frame, y, "finding", "! " + since + worst.summary, low ? 1 : 2, tone);
  y = draw_told(frame, y, "because", worst.root, 1, tone);
  return low ? y : draw_told(frame, y, "next step", worst.advice, 2, Tone::kNormal);
}

}  // namespace

std::size_t draw_header(Frame& frame, const Scene& scene, const ViewState& state) {
  const Coverage coverage(scene.snapshot);
  const Totals totals = totals_of(scene.snapshot, coverage);
  const std::size_t half = (frame.width() - 1) / 2;
  const auto total = [&](std::size_t x, std::size_t y, const Figure& figure) {
    draw_total(frame, x, y, half - (x == 0 ? 1 : 0), figure,
               totals[static_cast<std::size_t>(figure.name)], scene.history);
  };
  draw_title(frame, scene, state);
  total(0, 1, {"accepted", TotalName::kAccepted, false});
  total(0, 2, {"closed", TotalName::kClosed, false});
  total(0, 3, {"drops", TotalName::kDrops, true});
  total(half + 1, 1, {"connects", TotalName::kConnects, false});
  total(half + 1, 2, {"failures", TotalName::kFailures, true});
  draw_queue(frame, half + 1, 3, half, scene.snapshot);
  draw_states_bar(frame, 4, kLabel + 1, scene.snapshot);
  std::size_t y = 5;
  // What is lost this very second; once it has lasted, a finding says it better.
  const bool found = !scene.findings.empty() && scene.findings.front().severity != Severity::kInfo;
  if (found) {
    y = draw_finding(frame, y, scene.findings.front());
  } else {
    for (const std::string& sentence : scene.history.trouble().sentences())
      y = draw_labelled(frame, y, y == 5 ? "trouble" : "", {{"! " + sentence, Tone::kBad}});
  }
  return draw_labelled(frame, y, "watching", problems(scene.snapshot, coverage));
}

}  // namespace tcpwatch
