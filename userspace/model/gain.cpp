// SPDX-License-Identifier: Apache-2.0
#include "model/gain.h"

#include <algorithm>
#include <cstddef>

#include "base/names.h"

namespace tcpwatch {
namespace {

constexpr double kSecondsPerNs = 1e-9;

constexpr std::array kHistograms = {&Traffic::connect, &Traffic::failed, &Traffic::kernel,
                                    &Traffic::accept_wait};

// What a flow's histogram measures. Nothing where the role leaves it open: the folded flow mixes
// connects and accepts in the first one.
Histogram Traffic::* histogram_of(std::uint32_t timing, tw_role role) {
  if (role == TW_ROLE_IN && timing == TW_TIMING_WAIT) return &Traffic::accept_wait;
  if (role == TW_ROLE_OUT && timing == TW_TIMING_CONNECT) return &Traffic::connect;
  if (role != TW_ROLE_OUT && role != TW_ROLE_OTHER) return nullptr;
  if (timing == TW_TIMING_KERNEL) return &Traffic::kernel;
  if (timing == TW_TIMING_FAILED) return &Traffic::failed;
  return nullptr;
}

// The end of an established connection. A handshake that died is none.
bool is_close(Step step) {
  switch (step.from) {
    case TW_ESTABLISHED:
    case TW_FIN_WAIT1:
    case TW_FIN_WAIT2:
    case TW_CLOSING:
    case TW_CLOSE_WAIT:
    case TW_LAST_ACK:
      return step.to == TW_CLOSE;
    default:
      return false;
  }
}

// SYN_RECV -> ESTABLISHED on the connecting side is a simultaneous open; elsewhere an accept.
bool is_connected(Step step, tw_role role) {
  return step.to == TW_ESTABLISHED &&
         (step.from == TW_SYN_SENT || (step.from == TW_SYN_RECV && role == TW_ROLE_OUT));
}

}  // namespace

void Gain::read_step(std::uint32_t step, std::uint64_t by, tw_role role) {
  steps.push_back({step, by});
  if (step >= kSteps.size()) return;
  if (is_close(kSteps[step])) closes += by;
  if (is_connected(kSteps[step], role)) established_out += by;
}

void Gain::read_failure(std::uint32_t number, std::uint64_t by, tw_role role) {
  if (role == TW_ROLE_IN)
    turned_away += number == TW_TURNED_AWAY ? by : 0;
  else if (role != TW_ROLE_DESCRIPTORS)
    failures.push_back({number, by});
  else if (number < TW_REFUSALS)
    fd_refusals.push_back({number, by});
}

void Gain::read(const std::vector<CounterValue>& grown, tw_role role) {
  accepts = connects = established_out = closes = turned_away = 0;
  failures.clear();
  fd_refusals.clear();
  steps.clear();
  timed.clear();
  sums.clear();
  for (const auto& [counter, by] : grown) {
    if (counter == kCounterAttempts) {
      connects += by;
    } else if (counter < kCounterAccepts) {
      read_step(counter - kCounterSteps, by, role);
    } else if (counter == kCounterAccepts) {
      accepts += by;
    } else if (counter < kCounterFailures) {
      if (auto histogram = histogram_of(counter - kCounterSums, role))
        sums.push_back({histogram, static_cast<double>(by) * kSecondsPerNs});
    } else if (counter < kCounterHistograms) {
      read_failure(counter - kCounterFailures, by, role);
    } else {
      const std::uint32_t cell = counter - kCounterHistograms;
      if (auto histogram = histogram_of(cell / TW_BUCKETS, role))
        timed.push_back({histogram, cell % TW_BUCKETS, by});
    }
  }
}

void add(Traffic& traffic, const Gain& gain) {
  traffic.accepts += gain.accepts;
  traffic.connects += gain.connects;
  traffic.established_out += gain.established_out;
  traffic.closes += gain.closes;
  traffic.turned_away += gain.turned_away;
  for (const auto& [reason, count] : gain.failures) traffic.failures[reason] += count;
  for (const auto& [refusal, count] : gain.fd_refusals) traffic.fd_refusals[refusal] += count;
  for (const auto& [histogram, bucket, count] : gain.timed) (traffic.*histogram).add(bucket, count);
  for (const auto& [histogram, seconds] : gain.sums) (traffic.*histogram).add_seconds(seconds);
}

void add_steps(States& states, const Gain& gain) {
  for (const auto& [step, count] : gain.steps) move_sockets(states, step, count);
}

// An interval sees few kinds of steps.
void add_steps(std::vector<StepCount>& steps, const Gain& gain) {
  for (const StepCount& made : gain.steps) {
    const auto found = std::ranges::find(steps, made.step, &StepCount::step);
    if (found == steps.end())
      steps.push_back(made);
    else
      found->count += made.count;
  }
}

void add(Traffic& total, const Traffic& delta) {
  total.accepts += delta.accepts;
  total.connects += delta.connects;
  total.established_out += delta.established_out;
  total.closes += delta.closes;
  total.turned_away += delta.turned_away;
  for (std::size_t i = 0; i < TW_REASONS; ++i) total.failures[i] += delta.failures[i];
  for (std::size_t i = 0; i < TW_REFUSALS; ++i) total.fd_refusals[i] += delta.fd_refusals[i];
  for (const auto histogram : kHistograms) {
    // Not merge(): a total mostly has the buckets already, so that nothing is allocated.
    for (const auto& cell : (delta.*histogram).cells())
      (total.*histogram).add(cell.bucket, cell.count);
    (total.*histogram).add_seconds((delta.*histogram).sum());
  }
}

// Unsigned, since the counters of a hostile capture may overflow.
void add(States& states, const States& other) {
  for (std::size_t i = 0; i < TW_STATES; ++i)
    states[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(states[i]) +
                                          static_cast<std::uint64_t>(other[i]));
}

void subtract(States& states, const States& other) {
  for (std::size_t i = 0; i < TW_STATES; ++i)
    states[i] = static_cast<std::int64_t>(static_cast<std::uint64_t>(states[i]) -
                                          static_cast<std::uint64_t>(other[i]));
}

States shown(const States& states) {
  States result{};
  for (std::size_t state = TW_ESTABLISHED; state < TW_STATES; ++state) {
    if (state == TW_CLOSE || state == TW_TIME_WAIT) continue;
    result[state] = std::max<std::int64_t>(states[state], 0);
  }
  return result;
}

}  // namespace tcpwatch
