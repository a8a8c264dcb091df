// SPDX-License-Identifier: Apache-2.0
#include "views/screen/routes.h"

#include <algorithm>
#include <map>

namespace tcpwatch {

namespace {

// Nothing told of it is nothing there, once somebody has looked.
std::optional<SocketFacts> facts_of(const Route& route, const Snapshot& snapshot) {
  if (route.sockets) return *route.sockets;
  return snapshot.sample ? std::optional(SocketFacts{}) : std::nullopt;
}

}  // namespace

RoutesOf routes_of_worker(const Snapshot& snapshot, WorkerId worker) {
  RoutesOf routes;
  auto rows = std::make_shared<std::vector<Destination>>();
  for (const Destination& known : snapshot.destinations) {
    const auto route = std::ranges::find(known.routes, worker, &Route::worker);
    if (route == known.routes.end()) continue;
    Destination& row = rows->emplace_back();
    row.address = known.address;
    row.netns = known.netns;
    row.workers = {worker.pid};
    row.ports = known.ports;  // they are everybody's
    row.total = *route->total;
    row.delta = *route->delta;
    row.sockets = facts_of(*route, snapshot);
  }
  for (const Destination& row : *rows) routes.destinations.push_back(&row);
  routes.keep = std::move(rows);
  return routes;
}

RoutesOf routes_of_destination(const Snapshot& snapshot, const Destination* destination) {
  RoutesOf routes;
  auto rows = std::make_shared<std::vector<Worker>>();
  std::map<WorkerId, const Worker*> known;
  for (const Worker& worker : snapshot.workers) known[worker.id] = &worker;
  if (!destination) return routes;
  for (const Route& route : destination->routes) {
    Worker& row = rows->emplace_back();
    row.id = route.worker;
    if (const auto found = known.find(route.worker); found != known.end()) {
      row.comm = found->second->comm;
      row.cmdline = found->second->cmdline;
      row.cgroup = found->second->cgroup;
      row.container = found->second->container;
      row.alive = found->second->alive;
    }
    row.total = *route.total;
    row.delta = *route.delta;
    row.sockets = facts_of(route, snapshot);
  }
  for (const Worker& row : *rows) routes.workers.push_back(&row);
  routes.keep = std::move(rows);
  return routes;
}

}  // namespace tcpwatch
