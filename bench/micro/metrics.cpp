// SPDX-License-Identifier: Apache-2.0
//
// A scrape of an agent that knows 1,000 workers towards 1,000 destinations: taking in an interval,
// which the tracing thread does, and writing the page, which is done once for each interval however
// many ask. The bar of a scrape is 50 ms.
#include <benchmark/benchmark.h>

#include "large_snapshot.h"
#include "views/metrics/exposition.h"
#include "views/metrics/metrics.h"

namespace tcpwatch {
namespace {

std::shared_ptr<const Snapshot> thousand_workers() {
  const Snapshot large = large_snapshot();
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->interval = 1;
  for (std::size_t i = 0; i < 1000; ++i) {
    snapshot->workers.push_back(large.workers[i]);
    snapshot->destinations.push_back(large.destinations[i]);
  }
  return snapshot;
}

void take_in(benchmark::State& state) {
  Metrics metrics({});
  const auto snapshot = thousand_workers();
  for (auto _ : state) metrics.add(snapshot, {});
}
BENCHMARK(take_in)->Name("metrics/interval_1000_workers")->Unit(benchmark::kMillisecond);

void scrape(benchmark::State& state) {
  Metrics metrics({});
  metrics.add(thousand_workers(), {});
  std::string page;
  for (auto _ : state) {
    Exposition out(Dialect::kOpenMetrics, std::move(page));
    metrics.write(out, {});
    page = out.take();
  }
  state.counters["bytes"] = static_cast<double>(page.size());
}
BENCHMARK(scrape)->Name("metrics/scrape_1000_workers")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tcpwatch
