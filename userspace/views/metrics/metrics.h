// SPDX-License-Identifier: Apache-2.0
//
// What Prometheus reads: counters that grow with every snapshot's increments, and gauges of the
// last one. Names, labels and units are the contract's. Series vanish with their worker; a worker
// that left has its counts still in what is counted per process. Called by one thread; write() may
// be called by others if the caller keeps add() away meanwhile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/finding.h"
#include "model/snapshot.h"
#include "views/metrics/counters.h"
#include "views/metrics/metric_writer.h"

namespace tcpwatch {

// What the agent knows of itself; all of it is optional.
struct AgentFacts {
  struct Program {
    std::string name;
    std::uint64_t runs = 0;
    double seconds = 0;
  };
  std::vector<Program> programs;  // only while the kernel counts (kernel.bpf_stats_enabled)

  struct Process {
    double cpu_seconds = 0;
    double start_time = 0;  // since the epoch
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_fds = 0;
    std::uint64_t max_fds = 0;
    std::uint64_t threads = 0;
  };
  std::optional<Process> process;

  // Counters of the agent's own services: captures written, pushes dropped, ...
  struct Service {
    std::string_view name;  // without _total
    std::string_view help;
    std::string labels;
    double value = 0;
    MetricType type = MetricType::kCounter;
  };
  std::vector<Service> services;  // of one name in a row
};

class Metrics {
 public:
  explicit Metrics(const MetricsOptions& options) : counters_(options) {}

  void add(std::shared_ptr<const Snapshot> snapshot, const Findings& findings);
  void write(MetricWriter& out, const AgentFacts& facts);

 private:
  Counters counters_;
  std::shared_ptr<const Snapshot> last_ = std::make_shared<Snapshot>();
  Findings findings_;
};

}  // namespace tcpwatch
