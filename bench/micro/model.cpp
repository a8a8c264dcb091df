// SPDX-License-Identifier: Apache-2.0
//
// What an interval costs the model: all flow records of 2,000 workers with 10 flows each, applied,
// and the snapshot of them. `active` is the share of flows that have counted since the last tick
// (only those are sent by the live source); the whole picture is shown every time.
#include <benchmark/benchmark.h>

#include <string>

#include "base/address.h"
#include "base/names.h"
#include "base/worker.h"
#include "events/make.h"
#include "model/model.h"

namespace tcpwatch {
namespace {

constexpr std::uint32_t kWorkers = 2000;
constexpr std::uint32_t kFlowsEach = 10;

tw_flow_record flow_record(std::uint32_t slot) {
  auto record = new_record<tw_flow_record>(0);
  record.slot = slot;
  // Nine destinations and one listening address each.
  const bool out = slot % kFlowsEach != 0;
  record.flow.key.worker = make_worker(1 + slot / kFlowsEach, 7);
  record.flow.key.role = out ? TW_ROLE_OUT : TW_ROLE_IN;
  record.flow.key.peer =
      *parse_endpoint(out ? "10.0.0.5:" + std::to_string(1024 + slot % 20000) : "0.0.0.0:80");
  return record;
}

// A typical interval of a busy flow: a few states, a dozen buckets.
void grow(tw_flow& flow) {
  const bool out = flow.key.role == TW_ROLE_OUT;
  flow.attempts += out ? 20 : 0;
  flow.accepts += out ? 0 : 20;
  flow.failures[TW_REASON_ECONNREFUSED] += out ? 1 : 0;
  for (const tw_step step :
       {TW_STEP_CLOSE_SYN_SENT, TW_STEP_SYN_SENT_ESTABLISHED, TW_STEP_ESTABLISHED_FIN_WAIT1,
        TW_STEP_FIN_WAIT1_FIN_WAIT2, TW_STEP_FIN_WAIT2_CLOSE, TW_STEP_SYN_SENT_CLOSE})
    flow.steps[step] += 20;
  for (std::uint32_t bucket = 20; bucket < 32; ++bucket) {
    ++flow.histogram[TW_TIMING_CONNECT][bucket];
    flow.sum_ns[TW_TIMING_CONNECT] += 100'000;
  }
  for (std::uint32_t bucket = 3; bucket < 8; ++bucket) ++flow.histogram[TW_TIMING_KERNEL][bucket];
}

void interval(benchmark::State& state) {
  const auto active = static_cast<std::uint32_t>(state.range(0));
  std::vector<tw_flow_record> records;
  for (std::uint32_t slot = 0; slot < kWorkers * kFlowsEach; ++slot) {
    records.push_back(flow_record(slot));
    grow(records.back().flow);
  }
  Model model;
  for (const tw_flow_record& record : records) model.on_record(&record);
  std::uint64_t now = 0;
  std::uint32_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    state.PauseTiming();
    const std::uint32_t first = next;
    for (std::uint32_t i = 0; i < records.size() * active / 100; ++i)
      grow(records[next++ % records.size()].flow);
    state.ResumeTiming();
    for (std::uint32_t i = first; i != next; ++i) model.on_record(&records[i % records.size()]);
    auto tick = new_record<tw_tick>(now += 1'000'000'000);
    model.on_record(&tick);
    benchmark::DoNotOptimize(model.snapshot()->workers.size());
  }
  state.counters["workers"] = static_cast<double>(model.snapshot()->workers.size());
  state.counters["destinations"] = static_cast<double>(model.snapshot()->destinations.size());
}
BENCHMARK(interval)
    ->Name("model/interval_2000_workers_20000_flows")
    ->ArgName("active_percent")
    ->Arg(0)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

// The same flow record again and again, with its counters grown: the price of one.
void apply(benchmark::State& state) {
  tw_flow_record record = flow_record(1);
  Model model;
  for ([[maybe_unused]] auto _ : state) {
    grow(record.flow);
    model.on_record(&record);
  }
}
BENCHMARK(apply)->Name("model/apply_flow_record");

}  // namespace
}  // namespace tcpwatch
