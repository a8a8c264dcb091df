// SPDX-License-Identifier: Apache-2.0
//
// The rows of the model's tables. `out` is the row as the snapshot shows it; increments go to its
// `delta`, which joins `total` at the tick.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <map>
#include <set>

#include "model/aging_table.h"
#include "model/snapshot.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

struct WorkerRow {
  Worker out;
  States states{};
  Tenure tenure;
};

struct RouteRow {
  Traffic total;
  Traffic delta;
  Tenure tenure;
};

struct DestinationRow {
  Destination out;
  States states{};
  Tenure tenure;
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
