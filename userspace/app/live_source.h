// SPDX-License-Identifier: Apache-2.0
//
// The live record source: the tracer's stories and counters with what /proc adds, a tick at the
// end of each interval. Stories are drained several times a second, or at once when the ring
// buffer fills. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "app/host_facts.h"
#include "app/socket_sampling.h"
#include "kernel/tracer.h"

namespace tcpwatch {

class LiveSource : public RecordSource {
 public:
  // When `wake_fd` is readable, `on_wake` is asked whether to end the source after a last, shorter
  // interval; without it that is so.
  LiveSource(
      Tracer& tracer, std::chrono::nanoseconds interval, int wake_fd,
      std::function<bool()> on_wake = [] { return true; });

  // False: this was the last tick.
  Result<bool> advance(RecordSink& sink) override;

  // Facts from elsewhere: asked for before each tick.
  void tell_more(std::function<void(RecordSink&, std::uint64_t now)> facts) {
    more_facts_ = std::move(facts);
  }

  // See SocketSampling.
  void look_seldom() { sampling_.look_seldom(); }

  // From the last tick on.
  void set_interval(std::chrono::nanoseconds interval);

  // How often stories are handed on between ticks; shorter for `trace`, whose lines people watch.
  void drain_every(std::chrono::nanoseconds period, std::function<void()> then) {
    drain_period_ = as_ns(period);
    on_drain_ = std::move(then);
  }

 private:
  // Forwards to the sink of the current advance().
  struct Outlet : RecordSink {
    RecordSink* sink = nullptr;
    void on_record(const Record& record) override { sink->on_record(record); }
  };

  static std::uint64_t as_ns(std::chrono::nanoseconds duration) {
    return static_cast<std::uint64_t>(duration.count());
  }
  void introduce();

  Tracer& tracer_;
  std::uint64_t interval_;
  std::uint64_t drain_period_ = 100'000'000;
  std::function<void()> on_drain_;
  std::function<void(RecordSink&, std::uint64_t now)> more_facts_;
  int wake_fd_;
  std::function<bool()> on_wake_;
  Outlet outlet_;
  HostFacts facts_{outlet_};
  SocketSampling sampling_{tracer_, facts_};
  std::uint64_t last_tick_ = 0;
  std::uint64_t next_tick_ = 0;
};

}  // namespace tcpwatch
