// SPDX-License-Identifier: Apache-2.0
#include "app/session.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <initializer_list>

#include "app/flight.h"
#include "app/footprint.h"
#include "app/stop.h"
#include "base/clock.h"

namespace tcpwatch {

namespace {

constexpr std::uint64_t kStarted = 3;  // intervals: what only the start needed may go

bool readable(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, 0) > 0;
}

// Readable when one of them is.
Result<UniqueFd> any_of(std::initializer_list<int> fds) {
  UniqueFd all(::epoll_create1(EPOLL_CLOEXEC));
  for (const int fd : fds) {
    if (fd < 0) continue;
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    if (::epoll_ctl(all.get(), EPOLL_CTL_ADD, fd, &event) != 0)
      return Error{ErrorKind::kInputOutput, "cannot wait for signals and keys", ""};
  }
  return all;
}

}  // namespace

Result<> watch(const Options& options, const SessionPlan& plan, RecordSink& sink,
               const std::function<bool(Tracer&)>& on_tick) {
  auto interval = positive_duration("--interval", options.interval);
  if (!interval) return interval.error();
  std::optional<std::uint64_t> lasts;
  if (!options.duration.empty()) {
    const auto duration = positive_duration("--duration", options.duration);
    if (!duration) return duration.error();
    lasts = static_cast<std::uint64_t>(duration->count());
    *interval = std::min(*interval, *duration);
  }
  auto tracer_plan = tracer_options(options, plan.detail);
  if (!tracer_plan) return tracer_plan.error();
  tracer_plan->most_closes = plan.most_closes;
  auto stop = take_stop_signals();
  if (!stop) return stop.error();
  UniqueFd dump;
  if (plan.on_dump) {
    auto taken = take_dump_signal();
    if (!taken) return taken.error();
    dump = std::move(*taken);
  }
  auto tracer = Tracer::start(*tracer_plan);
  if (!tracer) return tracer.error();
  if (plan.on_attached)
    if (const auto done = plan.on_attached(); !done) return done.error();

  auto wake = any_of({stop->get(), plan.wake_fd, dump.get()});
  if (!wake) return wake.error();
  LiveSource* keyed = nullptr;
  LiveSource source(**tracer, *interval, wake->get(), [&] {
    signalfd_siginfo signal{};
    if (dump && ::read(dump.get(), &signal, sizeof signal) > 0) plan.on_dump();
    return readable(stop->get()) ||
           (plan.on_wake && readable(plan.wake_fd) && plan.on_wake(*keyed));
  });
  keyed = &source;
  if (plan.for_days) source.look_seldom();
  if (plan.more_facts) source.tell_more(plan.more_facts);
  if (plan.drain) source.drain_every(*plan.drain, plan.on_drain);
  const auto half = static_cast<std::uint64_t>(interval->count()) / 2;
  // From here: attaching takes its time, on a busy machine seconds, in which nothing is seen.
  const std::uint64_t begin = monotonic_ns();
  for (std::uint64_t told = 1;; ++told) {
    const auto more = source.advance(sink);
    if (!more) return more.error();
    const bool wanted = on_tick(**tracer);
    if (told == kStarted) shrink_footprint();
    const bool over = (plan.intervals && told >= *plan.intervals) ||
                      (lasts && monotonic_ns() + half >= begin + *lasts);
    if (!*more || !wanted || over) return Ok{};
  }
}

}  // namespace tcpwatch
