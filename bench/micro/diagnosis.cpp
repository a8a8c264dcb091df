// SPDX-License-Identifier: Apache-2.0
//
// Judging one interval of 1,000 busy workers, 1,000 destinations and 50 listeners, window full. The
// bar is 1 ms.
#include <benchmark/benchmark.h>

#include "diagnosis/judge.h"
#include "large_snapshot.h"

namespace tcpwatch {
namespace {

void judge_interval(benchmark::State& state, bool trouble) {
  Judge judge;
  const Snapshot large = large_snapshot();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->interval = 1;
  for (std::size_t i = 0; i < 1000; ++i) {
    Worker worker = large.workers[i];
    // In trouble 200 of them are short of descriptors.
    if (!trouble) worker.fds = Fds{static_cast<std::uint32_t>(i % 500), 1024};
    snapshot->workers.push_back(std::move(worker));
    snapshot->destinations.push_back(large.destinations[i]);
  }
  for (int i = 0; i < 50; ++i) {
    Listener& row = snapshot->listeners.emplace_back();
    row.address = "0.0.0.0:" + std::to_string(1000 + i);
    row.port = static_cast<std::uint16_t>(1000 + i);
    row.queue_limit = 511;
    row.accepts_delta = 100;
    if (trouble && i == 0) row.overflows_delta.syn = 10;
  }
  for (const char* signal :
       {"states", "accepts", "connect_errors", "connect_kernel_time", "overflow_syn",
        "overflow_ack", "fd_refusals", "listener_queues", "socket_table", "owners"}) {
    for (int order = 0; order < 3; ++order) {
      HookChoice& hook = snapshot->hooks.emplace_back();
      hook.signal = signal;
      hook.chosen = order == 2;
      hook.exact = true;
    }
  }
  for (int i = 0; i < 20; ++i) {
    judge.add(snapshot);
    judge.judge();
  }
  for (auto _ : state) {
    judge.add(snapshot);
    benchmark::DoNotOptimize(judge.judge());
  }
}

void judge_healthy(benchmark::State& state) { judge_interval(state, false); }
void judge_trouble(benchmark::State& state) { judge_interval(state, true); }
BENCHMARK(judge_healthy)->Unit(benchmark::kMicrosecond);
BENCHMARK(judge_trouble)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace tcpwatch
