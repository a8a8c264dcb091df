// SPDX-License-Identifier: Apache-2.0
//
// Where the tracing thread leaves what it knows, and other threads fetch it as text: rendered when
// somebody asks, at most once for each interval. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "diagnosis/finding.h"
#include "model/snapshot.h"
#include "views/metrics/exposition.h"
#include "views/metrics/metrics.h"

namespace tcpwatch {

class Publisher {
 public:
  // `stalled_ns`: without news for so long the agent is not healthy.
  Publisher(const MetricsOptions& options, std::uint64_t stalled_ns)
      : metrics_(options), stalled_ns_(stalled_ns) {}

  void publish(std::shared_ptr<const Snapshot> snapshot, const Findings& findings,
               AgentFacts facts);

  std::string metrics(Dialect dialect);
  std::string otlp();
  std::string view() const;
  std::string findings() const;
  bool alive() const;
  bool ready() const;

 private:
  struct Rendered {
    std::uint64_t of = 0;  // the number of the interval
    std::string text;
  };

  mutable std::mutex mutex_;
  Metrics metrics_;
  std::uint64_t stalled_ns_;
  std::shared_ptr<const Snapshot> snapshot_;
  Findings findings_;
  AgentFacts facts_;
  std::uint64_t intervals_ = 0;
  std::uint64_t last_ns_ = 0;
  std::array<Rendered, 2> rendered_;  // by Dialect
};

}  // namespace tcpwatch
