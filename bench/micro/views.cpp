// SPDX-License-Identifier: Apache-2.0
//
// What one interval costs to print, for a machine with 2,000 workers and 20,000 destinations.
#include <benchmark/benchmark.h>

#include <string>

#include "model/snapshot.h"
#include "views/batch_text.h"
#include "views/json.h"

namespace tcpwatch {
namespace {

Traffic traffic(std::uint64_t connects) {
  Traffic made;
  made.connects = made.established_out = connects;
  made.failures[TW_REASON_ECONNREFUSED] = connects / 100;
  for (std::uint32_t bucket = 20; bucket < 32; ++bucket) made.connect.add(bucket, connects);
  for (std::uint32_t bucket = 3; bucket < 8; ++bucket) made.kernel.add(bucket, connects);
  return made;
}

Snapshot large_snapshot() {
  Snapshot snapshot;
  snapshot.interval = 1;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Worker row;
    row.id = {1000 + i, 1};
    row.comm = "nginx";
    row.cmdline = "nginx: worker process";
    row.cgroup = "/system.slice/nginx.service";
    row.delta = traffic(i % 300);
    snapshot.workers.push_back(std::move(row));
  }
  for (std::uint32_t i = 0; i < 20000; ++i) {
    Destination row;
    row.address = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ":6379";
    row.workers = {1000 + i % 2000};
    row.delta = traffic(i % 200);
    snapshot.destinations.push_back(std::move(row));
  }
  return snapshot;
}

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
