// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/human.h"
#include "base/text.h"
#include "views/coverage.h"
#include "views/probe.h"
#include "views/table.h"
#include "views/text_flow.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kSignal = 21;   // columns of the signal's name
constexpr std::size_t kQuality = 13;  // and of how good it is

Tone tone_of(Quality quality) {
  if (quality == Quality::kExact) return Tone::kGood;
  return quality == Quality::kEstimated ? Tone::kWarning : Tone::kBad;
}

std::string hook_words(const HookChoice& hook) {
  return sanitize(hook.mechanism) + " " + sanitize(hook.target);
}

std::string signal_text(const SignalCoverage& signal, const ProbeStyle& style) {
  const std::string_view quality = quality_name(signal.quality);
  std::string text = align_left(sanitize(signal.signal), kSignal);
  text += paint(quality, tone_of(signal.quality), style.palette);
  const std::string padding(kQuality - std::min(kQuality, quality.size()), ' ');
  const std::string hook = signal.hook ? hook_words(*signal.hook) : "no hook is left";
  text += padding + cut(hook, style.width - std::min(style.width, kSignal + kQuality)) + "\n";
  if (signal.hook && !signal.hook->note.empty())
    text += wrapped_text("    note: ", sanitize(signal.hook->note), 10, style.width, Tone::kDim,
                         style.palette);
  for (const HookChoice* refused : signal.refused)
    text += wrapped_text("    refused: ", hook_words(*refused) + ": " + sanitize(refused->note), 13,
                         style.width, Tone::kDim, style.palette);
  return text;
}

std::string cost_table(const std::vector<ProgramCost>& costs, const ProbeStyle& style) {
  const std::vector<Column> columns = {
      {.title = "PROGRAM", .left = true, .cut = Cut::kEnd, .rank = 0, .width = 20, .keep = 32},
      {.title = "RUNS", .left = false, .cut = Cut::kEnd, .rank = 0, .width = 8, .keep = 0},
      {.title = "PER RUN", .left = false, .cut = Cut::kEnd, .rank = 0, .width = 8, .keep = 0},
      {.title = "IN ALL", .left = false, .cut = Cut::kEnd, .rank = 0, .width = 8, .keep = 0}};
  std::vector<TableRow> rows;
  for (const ProgramCost& cost : costs) {
    const auto ns = static_cast<double>(cost.ns);
    const auto runs = static_cast<double>(cost.runs);
    rows.push_back({' ',
                    Tone::kNormal,
                    {{sanitize(cost.name)},
                     {format_count(runs)},
                     {cost.runs != 0 ? format_seconds(ns / runs * 1e-9) : "-"},
                     {format_seconds(ns * 1e-9)}}});
  }
  return table_text(columns, rows, style.width, style.palette);
}

std::string loss_text(const Loss& loss, const ProbeStyle& style) {
  const auto count = [](std::uint64_t number) { return format_count(static_cast<double>(number)); };
  const bool none = loss.events == 0 && loss.folded == 0 && loss.untracked == 0;
  const std::string text =
      none ? "nothing"
           : fmt::format("{} events, {} flows folded, {} sockets untracked", count(loss.events),
                         count(loss.folded), count(loss.untracked));
  return flow_text("lost", {{text, none ? Tone::kGood : Tone::kBad}}, style.width, style.palette);
}

}  // namespace

std::string probe_text(const Snapshot& snapshot, const std::vector<ProgramCost>& costs,
                       const ProbeStyle& style) {
  const std::string title = fmt::format("tcpwatch {}   {}   kernel {}", sanitize(snapshot.version),
                                        sanitize(snapshot.host), sanitize(snapshot.kernel));
  std::string text = paint(cut(title, style.width), Tone::kTitle, style.palette) + "\n\n";
  text += paint(align_left("SIGNAL", kSignal) + align_left("QUALITY", kQuality) + "WATCHED BY",
                Tone::kTitle, style.palette) +
          "\n";
  const Coverage coverage(snapshot);
  for (const SignalCoverage& signal : coverage.signals()) text += signal_text(signal, style);
  text += "\n" + loss_text(snapshot.lost_total, style);
  if (costs.empty())
    return text + flow_text("cost", {{"not measured"}}, style.width, style.palette);
  return text + "\n" + cost_table(costs, style);
}

}  // namespace tcpwatch
