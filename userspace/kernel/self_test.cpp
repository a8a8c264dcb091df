// SPDX-License-Identifier: Apache-2.0
#include "kernel/self_test.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <thread>

#include "kernel/loopback_trial.h"

namespace tcpwatch {
namespace {

struct Seen {
  bool states = false;
  bool accepts = false;
  bool errors = false;
  bool port_search = false;
  bool queue = false;
  bool syn_hook = false;
  bool syn_polled = false;
};

std::uint64_t sum(const __u32 (&histogram)[TW_BUCKETS]) {
  return std::accumulate(std::begin(histogram), std::end(histogram), std::uint64_t{0});
}

Seen look(std::uint32_t netns, FlowTable& flows, ListenerTable& listeners) {
  Seen seen;
  // Two destinations were called: the listener, and the one without a route.
  for (const tw_flow& flow : flows.find_all(netns, TW_ROLE_OUT)) {
    seen.states |= flow.steps[TW_STEP_SYN_SENT_ESTABLISHED] == 2;
    seen.port_search |= sum(flow.histogram[TW_TIMING_KERNEL]) > 0;
    seen.errors |= flow.failures[TW_REASON_ENETUNREACH] == 1;
  }
  for (const tw_flow& flow : flows.find_all(netns, TW_ROLE_IN)) seen.accepts |= flow.accepts == 1;
  if (const tw_listener* listener = listeners.find(netns)) {
    seen.queue = listener->queue_now == 1;
    seen.syn_hook = listener->overflows_syn > 0;
    seen.syn_polled = listener->drops > listener->drops_at_start;
  }
  return seen;
}

bool fired(const Trial& trial, const Seen& seen) {
  const std::string_view signal = trial.signal->name;
  if (signal == "states") return seen.states;
  if (signal == "accepts") return seen.accepts;
  if (signal == "connect_errors") return seen.errors;
  if (signal == "connect_kernel_time") return seen.port_search;
  if (signal == "listener_queues") return seen.queue;
  if (signal == "overflow_syn")
    return trial.candidate->mechanism == "poll" ? seen.syn_polled : seen.syn_hook;
  return true;  // not exercised
}

bool all_fired(const std::vector<Trial>& trials, const Seen& seen) {
  return std::ranges::all_of(
      trials, [&](const Trial& trial) { return trial.refusal || fired(trial, seen); });
}

// On a busy machine the dropped SYN may still wait for ksoftirqd: a hook is silent only if it stays
// so.
Seen look_until_all_fired(const std::vector<Trial>& trials, std::uint32_t netns, FlowTable& flows,
                          ListenerTable& listeners) {
  const auto deadline = std::chrono::steady_clock::now() + kTrialPatience;
  Seen seen = look(netns, flows, listeners);
  while (!all_fired(trials, seen) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    seen = look(netns, flows, listeners);
  }
  return seen;
}

}  // namespace

SelfTest self_test(const std::vector<Trial>& trials, FlowTable& flows, ListenerTable& listeners) {
  SelfTest test;
  Seen seen;
  const auto result = run_loopback_trial([&](std::uint32_t inode) {
    test.netns = inode;
    seen = look_until_all_fired(trials, inode, flows, listeners);
  });
  for (const Trial& trial : trials) {
    if (trial.refusal || fired(trial, seen)) continue;
    test.silent[std::string(trial.signal->name)] =
        result ? "attached, but silent in the self-test: do not trust it" : result.error().message;
  }
  if (test.netns != 0) {
    flows.drop_netns(test.netns);
    listeners.drop_netns(test.netns);
  }
  return test;
}

}  // namespace tcpwatch
