// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/threshold_names.h"

#include <array>
#include <cmath>

namespace tcpwatch {
namespace {

constexpr auto kNames = std::to_array<ThresholdName>({
    {"window", &Thresholds::window},
    {"hold", &Thresholds::hold},
    {"stale", &Thresholds::stale},
    {"again", &Thresholds::again},
    {"always-full", &Thresholds::always_full},
    {"slow-accept", &Thresholds::slow_accept},
    {"queue-near", &Thresholds::queue_near},
    {"fails", &Thresholds::fails},
    {"fail-rate", &Thresholds::fail_rate},
    {"fail-share", &Thresholds::fail_share},
    {"fail-critical", &Thresholds::fail_critical},
    {"unanswered", &Thresholds::unanswered},
    {"syn-retry", &Thresholds::syn_retry},
    {"no-port", &Thresholds::no_port},
    {"no-port-critical", &Thresholds::no_port_critical},
    {"port-searches", &Thresholds::port_searches},
    {"port-search", &Thresholds::port_search},
    {"ports-used", &Thresholds::ports_used},
    {"ports-last", &Thresholds::ports_last},
    {"unanswered-replies", &Thresholds::unanswered_replies},
    {"reply-after", &Thresholds::reply_after},
    {"unanswered-share", &Thresholds::unanswered_share},
    {"idle-share", &Thresholds::idle_share},
    {"idle-used", &Thresholds::idle_used},
    {"busy-connecting", &Thresholds::busy_connecting},
    {"busy", &Thresholds::busy},
    {"waits", &Thresholds::waits},
    {"starved", &Thresholds::starved},
    {"throttled", &Thresholds::throttled},
    {"rival", &Thresholds::rival},
    {"group-share", &Thresholds::group_share},
    {"imbalance", &Thresholds::imbalance},
    {"fds-warning", &Thresholds::fds_warning},
    {"fds-critical", &Thresholds::fds_critical},
    {"watermark", &Thresholds::watermark},
    {"budget", &Thresholds::budget},
    {"inflow-ratio", &Thresholds::inflow_ratio},
    {"inflow-steady", &Thresholds::inflow_steady},
    {"inflow-least", &Thresholds::inflow_least},
    {"inflow-seconds", &Thresholds::inflow_seconds},
    {"inflow-used", &Thresholds::inflow_used},
    {"limit-near", &Thresholds::limit_near},
    {"limit-close", &Thresholds::limit_close},
    {"close-wait", &Thresholds::close_wait},
    {"close-wait-growing", &Thresholds::close_wait_growing},
    {"leak-seconds", &Thresholds::leak_seconds},
    {"fin-wait2", &Thresholds::fin_wait2},
    {"time-wait", &Thresholds::time_wait},
    {"slow-clients", &Thresholds::slow_clients},
    {"slow-share", &Thresholds::slow_share},
    {"slow-room", &Thresholds::slow_room},
    {"storm", &Thresholds::storm},
    {"storm-life", &Thresholds::storm_life},
    {"turned-away", &Thresholds::turned_away},
    {"ceiling", &Thresholds::ceiling},
    {"ceiling-play", &Thresholds::ceiling_play},
    {"arrivals", &Thresholds::arrivals},
    {"one-cpu", &Thresholds::one_cpu},
    {"one-member", &Thresholds::one_member},
    {"tracked-warning", &Thresholds::tracked_warning},
    {"tracked-critical", &Thresholds::tracked_critical},
    {"cookies", &Thresholds::cookies},
    {"cookies-answered", &Thresholds::cookies_answered},
    {"half-open", &Thresholds::half_open},
});
// All are as wide as this: whoever adds one is told to name it.
static_assert(sizeof(Thresholds) == kNames.size() * sizeof(double));

}  // namespace

std::span<const ThresholdName> threshold_names() { return kNames; }

ThresholdSet set_threshold(Thresholds& thresholds, std::string_view name, double value) {
  for (const ThresholdName& known : kNames) {
    if (known.name != name) continue;
    if (!(value >= 0) || value > 1e15) return ThresholdSet::kNegative;
    return std::visit(
        [&](auto member) {
          auto& place = thresholds.*member;
          using Number = std::remove_reference_t<decltype(place)>;
          if (!std::is_same_v<Number, double> && value != std::floor(value))
            return ThresholdSet::kNotWhole;
          place = static_cast<Number>(value);
          return ThresholdSet::kDone;
        },
        known.member);
  }
  return ThresholdSet::kUnknown;
}

}  // namespace tcpwatch
