// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/names.h"
#include "base/text.h"
#include "views/batch_text.h"
#include "views/coverage.h"
#include "views/text_flow.h"
#include "views/totals.h"
#include "views/value.h"

namespace tcpwatch {
namespace {

using Items = std::vector<FlowItem>;

// One figure per second, marked as an estimate where it is one.
std::string rate(double count, const Snapshot& snapshot, Quality quality = Quality::kExact) {
  if (quality == Quality::kUnavailable) return "-";
  return (quality == Quality::kEstimated ? "~" : "") +
         format_rate(per_second(count, snapshot.interval));
}

std::string title(const Snapshot& snapshot, const BatchStyle& style) {
  std::string time = format_rfc3339(snapshot.realtime_ns);
  time = time.substr(0, time.find('.'));
  time[time.find('T')] = ' ';
  const std::string text =
      fmt::format("{} UTC   {}   last {}   kernel {}", time, sanitize(snapshot.host),
                  format_seconds(snapshot.interval), sanitize(snapshot.kernel));
  return paint(cut(text, style.width), Tone::kTitle, style.palette) + "\n";
}

FlowItem drops(const Snapshot& snapshot, const Coverage& coverage) {
  const Quality syn = syn_drop_quality(snapshot, coverage);
  const Quality ack = coverage.of("overflow_ack");
  const Overflows& delta = snapshot.overflows_delta;
  const std::uint64_t sum = delta.syn + delta.ack;
  const Quality worst = std::max(syn, ack);
  std::string text = fmt::format("{} dropped", rate(static_cast<double>(sum), snapshot, worst));
  if (sum != 0)
    text += fmt::format(" (syn {}, ack {})", rate(static_cast<double>(delta.syn), snapshot, syn),
                        rate(static_cast<double>(delta.ack), snapshot, ack));
  return {text, sum != 0 ? Tone::kBad : Tone::kNormal};
}

Items accepting(const Snapshot& snapshot, const Coverage& coverage) {
  const Quality accepts = at_least_estimated(coverage.of("listener_queues"));
  return {{rate(static_cast<double>(snapshot.delta.accepts), snapshot, accepts) + " accepted"},
          {rate(static_cast<double>(snapshot.delta.closes), snapshot) + " closed"},
          drops(snapshot, coverage)};
}

// Nobody asks for this figure until it is not zero.
Items descriptors(const Snapshot& snapshot) {
  const std::uint64_t refused = snapshot.delta.refused_descriptors();
  if (refused == 0) return {};
  return {{rate(static_cast<double>(refused), snapshot) +
               " accept or socket refused: no file descriptor left",
           Tone::kBad}};
}

Items connecting(const Snapshot& snapshot, const Coverage& coverage) {
  const Traffic& delta = snapshot.delta;
  const Quality quality = at_least_estimated(coverage.of("connect_errors"));
  Items items = {{rate(static_cast<double>(delta.connects), snapshot) + " begun"},
                 {rate(static_cast<double>(delta.established_out), snapshot) + " established"}};
  const Counts reasons = failure_counts(delta.failures);
  std::string failed =
      rate(static_cast<double>(delta.connect_failures()), snapshot, quality) + " failed";
  if (reasons.size() == 1) failed += fmt::format(" ({})", reasons.front().first);
  items.push_back({failed, reasons.empty() ? Tone::kNormal : Tone::kBad});
  if (reasons.size() > 1)
    for (const auto& [name, count] : reasons)
      items.push_back(
          {fmt::format("{} {}", rate(static_cast<double>(count), snapshot, quality), name),
           Tone::kBad});
  return items;
}

// The water level first; what it is about to become (all that was opened less all that was closed,
// which may leave ESTABLISHED as it is: CLOSE_WAIT is not closed); the other states where there are
// any.
Items sockets(const Snapshot& snapshot) {
  const Traffic& delta = snapshot.delta;
  const double change = static_cast<double>(delta.accepts) +
                        static_cast<double>(delta.established_out) -
                        static_cast<double>(delta.closes);
  const std::string slope = format_rate(per_second(change, snapshot.interval));
  Items items = {
      {format_count(static_cast<double>(snapshot.states[TW_ESTABLISHED])) + " ESTABLISHED"}};
  if (change != 0) items.push_back({fmt::format("net {}{}", change > 0 ? "+" : "", slope)});
  for (std::uint32_t state = TW_SYN_SENT; state < TW_NEW_SYN_RECV; ++state)
    if (snapshot.states[state] != 0)
      items.push_back({fmt::format(
          "{} {}", format_count(static_cast<double>(snapshot.states[state])), state_name(state))});
  if (snapshot.time_wait)
    items.push_back({format_count(static_cast<double>(*snapshot.time_wait)) + " TIME_WAIT"});
  return items;
}

// Silent where all is exact and nothing was lost.
Items problems(const Snapshot& snapshot, const Coverage& coverage) {
  Items items;
  for (const SignalCoverage& signal : coverage.signals())
    if (signal.quality != Quality::kExact)
      items.push_back({fmt::format("{} {}", sanitize(signal.signal), quality_name(signal.quality)),
                       Tone::kWarning});
  const auto lost = [&](std::uint64_t count, std::string_view what) {
    if (count != 0)
      items.push_back(
          {fmt::format("{} {}", format_count(static_cast<double>(count)), what), Tone::kBad});
  };
  lost(snapshot.lost_delta.events, "events lost");
  lost(snapshot.lost_delta.folded, "flows folded");
  lost(snapshot.lost_delta.untracked, "sockets untracked");
  if (const std::string stale = sample_text(snapshot); !stale.empty())
    items.push_back({stale, Tone::kWarning});
  return items;
}

}  // namespace

std::string batch_header(const Snapshot& snapshot, const BatchStyle& style) {
  const Coverage coverage(snapshot);
  const auto line = [&](std::string_view label, const Items& items) {
    return flow_text(label, items, style.width, style.palette);
  };
  return title(snapshot, style) + line("accepting", accepting(snapshot, coverage)) +
         line("connecting", connecting(snapshot, coverage)) +
         line("descriptors", descriptors(snapshot)) + line("sockets", sockets(snapshot)) +
         line("watching", problems(snapshot, coverage));
}

}  // namespace tcpwatch
