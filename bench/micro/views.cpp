// SPDX-License-Identifier: Apache-2.0
//
// What one interval costs to print, for a machine with 2,000 workers and 20,000 destinations.
#include <benchmark/benchmark.h>

#include "large_snapshot.h"
#include "views/batch_text.h"
#include "views/json.h"

namespace tcpwatch {
namespace {

void json(benchmark::State& state) {
  const Snapshot snapshot = large_snapshot();
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto _ : state) bytes = view_json(snapshot).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(json)->Name("views/json_2000_workers_20000_destinations")->Unit(benchmark::kMillisecond);

void text(benchmark::State& state) {
  const Snapshot snapshot = large_snapshot();
  for ([[maybe_unused]] auto _ : state)
    benchmark::DoNotOptimize(batch_text(snapshot, {.width = 120}).size());
}
BENCHMARK(text)
    ->Name("views/batch_text_2000_workers_20000_destinations")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tcpwatch
