// SPDX-License-Identifier: Apache-2.0
#include "app/agent/triggers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/human.h"

namespace tcpwatch {
namespace {

struct TriggerMetric {
  std::string_view name;
  double (*of)(const Worker&);  // null: not by process
  double (*of_all)(const Snapshot&);
};

template <typename Number>
double number(Number value) {
  return static_cast<double>(value);
}

double rate(std::uint64_t count, const Snapshot& snapshot) {
  return snapshot.interval > 0 ? number(count) / snapshot.interval : 0;
}

constexpr std::array<TriggerMetric, 8> kMetrics{{
    {"tcpwatch_accepts_total", [](const Worker& of) { return number(of.delta.accepts); },
     [](const Snapshot& of) { return rate(of.delta.accepts, of); }},
    {"tcpwatch_connects_total", [](const Worker& of) { return number(of.delta.connects); },
     [](const Snapshot& of) { return rate(of.delta.connects, of); }},
    {"tcpwatch_connect_failures_total",
     [](const Worker& of) { return number(of.delta.connect_failures()); },
     [](const Snapshot& of) { return rate(of.delta.connect_failures(), of); }},
    {"tcpwatch_closes_total", [](const Worker& of) { return number(of.delta.closes); },
     [](const Snapshot& of) { return rate(of.delta.closes, of); }},
    {"tcpwatch_accept_queue_overflows_total", nullptr,
     [](const Snapshot& of) { return rate(of.overflows_delta.syn + of.overflows_delta.ack, of); }},
    {"tcpwatch_connections", [](const Worker& of) { return number(of.states[TW_ESTABLISHED]); },
     [](const Snapshot& of) { return number(of.states[TW_ESTABLISHED]); }},
    {"tcpwatch_time_wait",
     [](const Worker& of) { return of.sockets ? number(of.sockets->time_waits) : 0; },
     [](const Snapshot& of) { return number(of.time_wait.value_or(0)); }},
    {"tcpwatch_open_fds", [](const Worker& of) { return of.fds ? number(of.fds->open) : 0; },
     [](const Snapshot& of) {
       double sum = 0;
       for (const Worker& worker : of.workers) sum += worker.fds ? number(worker.fds->open) : 0;
       return sum;
     }},
}};

constexpr auto kNames = [] {
  std::array<std::string_view, kMetrics.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kMetrics[i].name;
  return names;
}();

Severity severity_of(const std::string& name) {
  if (name == "critical") return Severity::kCritical;
  return name == "warning" ? Severity::kWarning : Severity::kInfo;
}

}  // namespace

std::span<const std::string_view> trigger_metrics() { return kNames; }

double trigger_value(std::string_view metric, std::string_view process, const Snapshot& snapshot) {
  const auto known = std::ranges::find(kMetrics, metric, &TriggerMetric::name);
  if (known == kMetrics.end()) return 0;
  if (process.empty() || !known->of) return known->of_all(snapshot);
  double sum = 0;
  for (const Worker& worker : snapshot.workers)
    if (worker.comm == process) sum += known->of(worker);
  const bool counter = metric.ends_with("_total");
  return counter && snapshot.interval > 0 ? sum / snapshot.interval : sum;
}

Triggers::Triggers(std::vector<TriggerSettings> triggers, const std::string& on) {
  for (TriggerSettings& trigger : triggers) states_.push_back({.wanted = std::move(trigger)});
  if (on != "never") states_.push_back({.wanted = {.severity = on}});
}

bool Triggers::holds(const State& state, const Snapshot& snapshot, const Findings& findings,
                     std::string& why) const {
  const TriggerSettings& wanted = state.wanted;
  if (!wanted.metric.empty()) {
    const double value = trigger_value(wanted.metric, wanted.process, snapshot);
    if (value <= wanted.above) return false;
    why = fmt::format("{} {} is above {}", wanted.metric, format_count(value),
                      format_count(wanted.above));
    return true;
  }
  for (const Finding& finding : findings) {
    if (finding.severity < severity_of(wanted.severity)) continue;
    if (!wanted.finding.empty() && finding.id != wanted.finding) continue;
    if (!wanted.process.empty() && finding.subject.comm != wanted.process) continue;
    why = fmt::format("{}: {}", finding.id, finding.summary);
    return true;
  }
  return false;
}

std::string Triggers::judge(const Snapshot& snapshot, const Findings& findings) {
  std::string reason;
  for (State& state : states_) {
    std::string why;
    if (!holds(state, snapshot, findings, why)) {
      state.since = 0;
      state.fired = false;
      continue;
    }
    if (state.since == 0) state.since = snapshot.realtime_ns;
    const double lasted = static_cast<double>(snapshot.realtime_ns - state.since) * 1e-9;
    if (state.fired || lasted < state.wanted.hold) continue;
    state.fired = true;
    if (reason.empty()) reason = why;
  }
  return reason;
}

}  // namespace tcpwatch
