// SPDX-License-Identifier: Apache-2.0
#include "views/screen/trouble.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/human.h"
#include "base/text.h"
#include "model/filter.h"
#include "views/ranking.h"
#include "views/value.h"

namespace tcpwatch {
namespace {

// A second without a loss is no recovery.
constexpr std::uint64_t kGraceNs = 10'000'000'000;
// Bounds the memory: whoever is in trouble beyond that is not remembered.
constexpr std::size_t kMost = 4096;

std::uint64_t drops(const Listener& row) {
  return row.overflows_delta.syn + row.overflows_delta.ack;
}

std::string rate(std::uint64_t count, const Snapshot& snapshot) {
  return format_rate(per_second(static_cast<double>(count), snapshot.interval));
}

std::string lasting(double seconds) {
  return seconds >= 1 ? "for " + format_seconds(seconds) + " " : "";
}

std::string sentence(const Listener& row, double seconds, const Snapshot& snapshot) {
  std::string text = lasting(seconds) + sanitize(row.address + " " + row.comm);
  if (drops(row) != 0)
    text += fmt::format(" drops {}{}", row.overflows_exact ? "" : "~", rate(drops(row), snapshot));
  return text + fmt::format(", queue {}/{}", std::max(row.queue_now, row.queue_peak),
                            std::uint64_t{row.queue_limit} + 1);
}

std::string name_of(const Snapshot& snapshot, const std::vector<std::uint32_t>& pids) {
  if (pids.empty()) return "";
  const auto named = std::ranges::find_if(
      snapshot.workers, [&](const Worker& row) { return row.id.pid == pids.front(); });
  std::string text = named == snapshot.workers.end() ? "" : sanitize(named->comm) + " ";
  text += std::to_string(pids.front());
  return ", " + text + (pids.size() > 1 ? fmt::format(" +{}", pids.size() - 1) : "");
}

std::string sentence(const Destination& row, double seconds, const Snapshot& snapshot) {
  const Counts reasons = failure_counts(row.delta.failures);
  std::string text =
      fmt::format("{}connects to {} fail {}", lasting(seconds), sanitize(row.address),
                  rate(row.delta.connect_failures(), snapshot));
  if (!reasons.empty()) text += fmt::format(" {}", reasons.front().first);
  return text + name_of(snapshot, row.workers);
}

}  // namespace

double TroubleLog::note(Spans& spans, const Key& key, const Snapshot& snapshot) {
  const std::uint64_t now = snapshot.realtime_ns;
  auto found = spans.find(key);
  if (found == spans.end()) {
    if (spans.size() >= kMost) return 0;
    const auto interval = static_cast<std::uint64_t>(std::max(0.0, snapshot.interval) * 1e9);
    found = spans.emplace(key, Span{now - std::min(now, interval), now}).first;
  }
  found->second.last_ns = now;
  return now > found->second.since_ns ? static_cast<double>(now - found->second.since_ns) * 1e-9
                                      : 0;
}

void TroubleLog::forget(Spans& spans, std::uint64_t now_ns) {
  std::erase_if(spans, [&](const auto& entry) {
    return now_ns < entry.second.last_ns || now_ns - entry.second.last_ns > kGraceNs;
  });
}

void TroubleLog::add_listeners(const Snapshot& snapshot) {
  forget(listeners_, snapshot.realtime_ns);
  const Listener* worst = nullptr;
  double lasted = 0;
  for (const Listener& row : snapshot.listeners) {
    if (!in_trouble(row)) continue;
    const double seconds = note(listeners_, {row.netns, row.address}, snapshot);
    if (worst && drops(row) <= drops(*worst)) continue;
    worst = &row;
    lasted = seconds;
  }
  if (worst) sentences_.push_back(sentence(*worst, lasted, snapshot));
}

void TroubleLog::add_destinations(const Snapshot& snapshot) {
  forget(destinations_, snapshot.realtime_ns);
  const Destination* worst = nullptr;
  double lasted = 0;
  for (const Destination& row : snapshot.destinations) {
    if (!in_trouble(row)) continue;
    const double seconds = note(destinations_, {row.netns, row.address}, snapshot);
    if (worst && row.delta.connect_failures() <= worst->delta.connect_failures()) continue;
    worst = &row;
    lasted = seconds;
  }
  if (worst) sentences_.push_back(sentence(*worst, lasted, snapshot));
}

void TroubleLog::add(const Snapshot& snapshot) {
  sentences_.clear();
  const std::shared_ptr<const Snapshot> lent(std::shared_ptr<void>(), &snapshot);
  const auto others = without(lent, kOurselves);
  add_listeners(*others);
  add_destinations(*others);
}

}  // namespace tcpwatch
