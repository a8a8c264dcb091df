// SPDX-License-Identifier: Apache-2.0
#include "app/live_source.h"

#include <sys/resource.h>

#include <algorithm>

#include "app/version.h"
#include "base/clock.h"
#include "events/make.h"
#include "host/sysctl.h"

namespace tcpwatch {
namespace {

tw_self own_cost(std::uint64_t now) {
  const auto ns = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(time.tv_usec) * 1'000;
  };
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  auto record = new_record<tw_self>(now);
  record.cpu_ns = ns(used.ru_utime) + ns(used.ru_stime);
  return record;
}

}  // namespace

LiveSource::LiveSource(Tracer& tracer, std::chrono::nanoseconds interval, int wake_fd,
                       std::function<bool()> on_wake)
    : tracer_(tracer),
      interval_(as_ns(interval)),
      wake_fd_(wake_fd),
      on_wake_(std::move(on_wake)) {}

void LiveSource::set_interval(std::chrono::nanoseconds interval) {
  interval_ = as_ns(interval);
  if (last_tick_ != 0) next_tick_ = last_tick_ + interval_;
}

// What every stream begins with: whose it is, how it sees, and the namespaces' counters as a base.
void LiveSource::introduce() {
  const std::uint64_t now = monotonic_ns();
  const tw_host host = host_record(now, realtime_ns(), kVersion);
  facts_.on_record(&host);
  tracer_.describe_hooks(facts_, now);
  facts_.tell_namespaces(now);
  last_tick_ = now;
  next_tick_ = now + interval_;
}

Result<bool> LiveSource::advance(RecordSink& sink) {
  outlet_.sink = &sink;
  if (next_tick_ == 0) introduce();
  bool stopped = false;
  for (std::uint64_t now = monotonic_ns(); now < next_tick_ && !stopped; now = monotonic_ns()) {
    if (tracer_.wait_until(std::min(next_tick_, now + drain_period_), wake_fd_))
      stopped = on_wake_();
    if (tracer_.drain(facts_) && on_drain_) on_drain_();
  }
  tracer_.drain(facts_);  // what came while we were busy, were it longer than an interval
  const std::uint64_t now = monotonic_ns();
  tracer_.read_counters(facts_, now);
  facts_.tell_namespaces(now);
  facts_.tell_workers(now);
  facts_.tell_activities(now);
  sampling_.sample_if_due(facts_, now);
  facts_.tell_steering(now);
  if (more_facts_) more_facts_(facts_, now);
  const tw_self self = own_cost(now);
  facts_.on_record(&self);
  const auto tick = new_record<tw_tick>(now);
  facts_.on_record(&tick);
  last_tick_ = now;
  // After a stall the next tick comes a whole interval later, not several at once.
  next_tick_ = std::max(next_tick_ + interval_, now + interval_ / 2);
  return !stopped;
}

}  // namespace tcpwatch
