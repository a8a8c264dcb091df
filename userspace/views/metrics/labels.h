// SPDX-License-Identifier: Apache-2.0
//
// Whom and what the metrics' labels name, the same for counters and gauges. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/snapshot.h"
#include "views/metrics/series_table.h"

namespace tcpwatch {

struct MetricsOptions {
  std::size_t max_series = 1000;  // label sets of one metric
  bool pids = true;               // the label `pid`
  std::uint32_t netns = 0;        // the host's; addresses of other namespaces carry a label
};

// Labels for what is nobody's (handshakes that no accept() has taken), and for what has no room.
inline constexpr std::string_view kNobody = "nobody";
inline constexpr std::string_view kOther = "other";
inline constexpr std::string_view kOthers = R"(process="other")";

// A worker as it is labelled: without pids its process stands for it, and the series outlive it.
struct Labelled {
  WorkerId id;
  std::string_view process;
  std::string pid;

  SeriesOwner owner(std::string_view place = {}) const { return {id, process, place}; }
};

Labelled labelled(const Worker& worker, const MetricsOptions& options);
// By its id; `other` where the snapshot does not have it.
Labelled labelled(const Snapshot& snapshot, const WorkerId& id, const MetricsOptions& options);
Labelled nobody();

// The label `netns` of an address: empty in the host's own.
std::string netns_label(std::uint32_t netns, const MetricsOptions& options);
std::string listener_labels(const Listener& listener, const MetricsOptions& options);
std::string destination_labels(const Destination& destination, const MetricsOptions& options);

}  // namespace tcpwatch
