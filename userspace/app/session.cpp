// SPDX-License-Identifier: Apache-2.0
#include "app/session.h"

#include <algorithm>

#include "app/stop.h"
#include "base/clock.h"

namespace tcpwatch {

Result<> watch(const Options& options, const SessionPlan& plan, RecordSink& sink,
               const std::function<bool(Tracer&)>& on_tick) {
  auto interval = positive_duration("--interval", options.interval);
  if (!interval) return interval.error();
  std::optional<std::uint64_t> end;
  if (!options.duration.empty()) {
    const auto duration = positive_duration("--duration", options.duration);
    if (!duration) return duration.error();
    end = monotonic_ns() + static_cast<std::uint64_t>(duration->count());
    *interval = std::min(*interval, *duration);
  }
  auto tracer_plan = tracer_options(options, plan.detail);
  if (!tracer_plan) return tracer_plan.error();
  auto stop = take_stop_signals();
  if (!stop) return stop.error();
  auto tracer = Tracer::start(*tracer_plan);
  if (!tracer) return tracer.error();

  LiveSource source(**tracer, *interval, stop->get());
  if (plan.drain) source.drain_every(*plan.drain, plan.on_drain);
  const auto half = static_cast<std::uint64_t>(interval->count()) / 2;
  for (std::uint64_t told = 1;; ++told) {
    const auto more = source.advance(sink);
    if (!more) return more.error();
    const bool wanted = on_tick(**tracer);
    const bool over =
        (plan.intervals && told >= *plan.intervals) || (end && monotonic_ns() + half >= *end);
    if (!*more || !wanted || over) return Ok{};
  }
}

}  // namespace tcpwatch
