// SPDX-License-Identifier: Apache-2.0
//
// What a frame of the live screen costs for a machine with 2,000 workers and 20,000 destinations:
// rows filtered and ordered, the picture drawn. The bar is 16 ms. A key costs as much as a frame.
#include <benchmark/benchmark.h>

#include <functional>

#include "large_snapshot.h"
#include "views/screen/handle.h"
#include "views/screen/render.h"

namespace tcpwatch {
namespace {

void frames(benchmark::State& state, const std::function<void(ViewState&)>& choose) {
  const Snapshot snapshot = large_snapshot();
  History history;
  history.add(snapshot);
  const Scene scene{snapshot, history};
  ViewState view{.width = 200, .height = 60};
  choose(view);
  if (!view.path.empty()) {  // whatever row is first
    const std::vector<Opened> path = std::exchange(view.path, {});
    const Page page = compose(scene, view);
    view = handle({.kind = Key::Kind::kEnter}, view, page, {}).state;
  }
  for ([[maybe_unused]] auto _ : state) {
    const Page page = compose(scene, view);
    benchmark::DoNotOptimize(render(scene, view, page).frame.at(0, 0));
  }
}

#define FRAME(name, ...)                                                \
  BENCHMARK_CAPTURE(frames, name, [](ViewState& view) { __VA_ARGS__; }) \
      ->Name("screen/" #name)                                           \
      ->Unit(benchmark::kMillisecond)

FRAME(workers, view.view = View::kWorkers);
FRAME(workers_by_name, view.tables[0].sort = "comm");
FRAME(workers_grouped, view.group = Group::kComm);
FRAME(workers_filtered, view.filter = "nginx");
FRAME(worker, view.path.emplace_back());
FRAME(states, view.view = View::kStates);
FRAME(destinations, view.view = View::kDestinations);
FRAME(destinations_by_address, view.view = View::kDestinations; view.tables[2].sort = "address");
FRAME(destinations_by_reason, view.view = View::kDestinations; view.tables[2].sort = "reason");
FRAME(destinations_filtered, view.view = View::kDestinations; view.filter = "10.0.7.");
FRAME(destinations_selected, view.view = View::kDestinations;
      view.tables[2].selected = RowKey{0, "10.0.78.31:6379"});

}  // namespace
}  // namespace tcpwatch
