// SPDX-License-Identifier: Apache-2.0
//
// The rows of the model's tables. `shown` is the row as the last snapshot had it, totals included;
// increments since then are in `delta`. A row that nothing happened to is shown again as it is.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "model/aging_table.h"
#include "model/snapshot.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

struct WorkerRow {
  Worker about;  // all but the counters and states
  std::shared_ptr<const Worker> shown = std::make_shared<Worker>();
  Traffic delta;
  States states{};
  Tenure tenure;
  bool changed = true;
};

struct RouteRow {
  std::shared_ptr<const Traffic> total = std::make_shared<Traffic>();
  Traffic delta;
  Tenure tenure;
  bool counted = false;
};

struct DestinationRow {
  std::shared_ptr<const Destination> shown = std::make_shared<Destination>();
  Traffic delta;
  States states{};
  Tenure tenure;
  bool changed = true;
  std::map<tw_worker, RouteRow> routes;
};

// An address that workers accept from; it may have several listeners (SO_REUSEPORT).
struct ListeningRow {
  std::map<tw_worker, std::uint32_t> acceptors;  // and their flows
  Histogram wait_delta;
};

struct EndpointLess {
  bool operator()(const tw_endpoint& a, const tw_endpoint& b) const {
    if (a.netns != b.netns) return a.netns < b.netns;
    const int order = std::memcmp(a.address, b.address, sizeof a.address);
    return order != 0 ? order < 0 : a.port < b.port;
  }
};

using Workers = AgingTable<tw_worker, WorkerRow>;
using Destinations = AgingTable<tw_endpoint, DestinationRow, EndpointLess>;
using ListeningAddresses = std::map<tw_endpoint, ListeningRow, EndpointLess>;

}  // namespace tcpwatch
