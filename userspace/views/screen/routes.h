// SPDX-License-Identifier: Apache-2.0
//
// What one worker did towards one destination, as rows: destinations of a worker, workers of a
// destination. They carry a route's counters; sockets by state are not known per route. Pure.
#pragma once

#include <memory>
#include <vector>

#include "model/snapshot.h"

namespace tcpwatch {

struct RoutesOf {
  std::vector<const Worker*> workers;
  std::vector<const Destination*> destinations;
  std::shared_ptr<const void> keep;  // owns the rows
};

RoutesOf routes_of_worker(const Snapshot& snapshot, WorkerId worker);
// A null destination has none.
RoutesOf routes_of_destination(const Snapshot& snapshot, const Destination* destination);

}  // namespace tcpwatch
