// SPDX-License-Identifier: Apache-2.0
//
// The end of an interval: increments join the totals, rows are copied into the snapshot, and those
// whose grace is over leave.
#include <algorithm>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "base/address.h"
#include "base/worker.h"
#include "model/ledger.h"

namespace tcpwatch {
namespace {

std::shared_ptr<const Traffic> no_traffic() {
  static const auto none = std::make_shared<const Traffic>();
  return none;
}

bool counted(const Traffic& delta) {
  return delta.accepts != 0 || delta.connects != 0 || delta.closes != 0 ||
         delta.established_out != 0 || delta.connect_failures() != 0 ||
         delta.connect.count() != 0 || delta.failed.count() != 0 || delta.kernel.count() != 0 ||
         delta.accept_wait.count() != 0 || delta.refused_descriptors() != 0 ||
         delta.turned_away != 0;
}

// Adds the increments to the totals as last shown, and shows both. The increments are moved, not
// copied: their place is empty again for the next interval.
template <typename Row, typename Shown>
void settle_traffic(Row& row, Shown& next) {
  next.total = row.shown->total;
  next.delta = std::exchange(row.delta, Traffic{});
  add(next.total, next.delta);
  next.states = shown(row.states);
  // The next snapshot has to say that nothing was counted any more.
  row.changed = counted(next.delta);
}

void settle_sum(Unowned& sum, Traffic& total, Traffic& delta) {
  delta = std::exchange(sum.delta, Traffic{});
  add(sum.total, delta);
  total = sum.total;
}

}  // namespace

// Accepts in total are filled in by the listeners, which know them at once and on every kernel.
void Ledger::settle_sums(Snapshot& snapshot) {
  settle_sum(sum_, snapshot.total, snapshot.delta);
  settle_sum(unowned_, snapshot.unowned.total, snapshot.unowned.delta);
  const States folded = shown(folded_states_);
  snapshot.states = shown(sum_.states);
  add(snapshot.states, folded);
  snapshot.unowned.states = shown(unowned_.states);
  add(snapshot.unowned.states, folded);

  for (std::size_t step = 0; step < steps_total_.size(); ++step)
    steps_total_[step] += steps_delta_[step];
  snapshot.steps_total = steps_total_;
  snapshot.steps_delta = std::exchange(steps_delta_, {});
}

namespace {

// Followed only while there are any.
void follow_leak(WorkerRow& row, std::uint64_t now) {
  const std::int64_t sockets = row.states[TW_CLOSE_WAIT];
  if (sockets <= 0 && row.leaking.empty()) return;
  row.leaking.add(now, static_cast<double>(std::max<std::int64_t>(sockets, 0)));
  row.changed = true;
  if (sockets <= 0 && row.leaking.per_second() == 0) row.leaking.clear();
}

}  // namespace

void Ledger::settle_workers(Snapshot& snapshot, std::uint64_t now) {
  snapshot.workers.reserve(workers_.size());
  for (auto& [key, row] : workers_) {
    follow_leak(row, now);
    if (std::exchange(row.looked_at, false) && !row.sampled.shown_as(row.shown->sockets))
      row.changed = true;
    if (row.changed) {
      auto next = std::make_shared<Worker>(row.about);
      next->sockets = row.sampled.shown();
      if (const auto slope = row.leaking.per_second()) next->close_wait_slope = 60 * *slope;
      settle_traffic(row, *next);
      next->steps_delta = std::exchange(row.steps, {});
      row.changed |= !next->steps_delta.empty();
      row.shown = std::move(next);
    }
    snapshot.workers.push_back(row.shown);
  }
}

namespace {

bool same_facts(const std::shared_ptr<const Sampled>& a, const std::shared_ptr<const Sampled>& b) {
  return a == b || (a && b && a->facts == b->facts);
}

// Whether the last look found what is shown already, of the row and of its routes.
bool shows_sample(const DestinationRow& row) {
  return row.sampled.shown_as(row.shown->sockets) && row.ports.ports == row.shown->ports &&
         std::ranges::all_of(row.routes, [](const auto& entry) {
           return same_facts(entry.second.sampled, entry.second.shown);
         });
}

// Most connects in this interval first.
void sort_by_connects(std::vector<Route>& routes) {
  std::ranges::sort(routes, [](const Route& a, const Route& b) {
    const auto rank = [](const Route& route) {
      return std::tuple(route.delta->connects, route.total->connects);
    };
    return rank(a) != rank(b) ? rank(a) > rank(b) : a.worker < b.worker;
  });
}

std::vector<std::uint32_t> pids_of(const std::vector<Route>& routes) {
  std::vector<std::uint32_t> pids;
  std::set<std::uint32_t> listed;  // a pid may have been used again
  for (const Route& route : routes)
    if (routes.size() == 1 || listed.insert(route.worker.pid).second)
      pids.push_back(route.worker.pid);
  return pids;
}

}  // namespace

// A route needs its worker, for its name at least.
bool Ledger::is_shown(tw_worker worker, const RouteRow& route) {
  return route.tenure.flows != 0 || workers_.find(worker);
}

std::vector<Route> Ledger::settle_routes(DestinationRow& row) {
  std::vector<Route> routes;
  routes.reserve(row.routes.size());
  for (auto& [worker, route] : row.routes) {
    if (!is_shown(worker, route)) continue;
    Route& next = routes.emplace_back();
    next.worker = {worker_pid(worker), worker_start_ticks(worker)};
    next.delta = no_traffic();
    if (std::exchange(route.counted, false)) {
      auto total = std::make_shared<Traffic>(*route.total);
      add(*total, route.delta);
      route.total = std::move(total);
      next.delta = std::make_shared<const Traffic>(std::exchange(route.delta, Traffic{}));
    }
    next.total = route.total;
    route.shown = route.sampled;
    if (route.shown) next.sockets = {route.shown, &route.shown->facts};
  }
  sort_by_connects(routes);
  return routes;
}

void Ledger::settle_destinations(Snapshot& snapshot) {
  snapshot.destinations.reserve(destinations_.size());
  const bool worker_left = std::exchange(worker_left_, false);
  for (auto& [key, row] : destinations_) {
    if (std::exchange(row.looked_at, false) && !shows_sample(row)) row.changed = true;
    if (worker_left && !std::ranges::all_of(row.routes, [this](const auto& entry) {
          return is_shown(entry.first, entry.second);
        }))
      row.changed = true;
    if (row.changed) {
      auto next = std::make_shared<Destination>();
      const bool named = !row.shown->address.empty();
      next->address = named ? row.shown->address : format_endpoint(key);
      next->netns = key.netns;
      next->sockets = row.sampled.shown();
      next->ports = row.ports.ports;
      next->routes = settle_routes(row);
      next->workers = pids_of(next->routes);
      settle_traffic(row, *next);
      row.shown = std::move(next);
    }
    snapshot.destinations.push_back(row.shown);
  }
}

void Ledger::expire_routes(std::uint64_t now) {
  if (!next_route_expiry_.due(now, limits_.grace_ns)) return;
  for (auto& [address, row] : destinations_) {
    const auto gone = std::erase_if(row.routes, [&](const auto& entry) {
      const Tenure& tenure = entry.second.tenure;
      const bool over = tenure.over(now, limits_.grace_ns);
      if (!over && tenure.flows == 0) next_route_expiry_.note(tenure.idle_since);
      return over;
    });
    routes_ -= gone;
    if (gone != 0) row.changed = true;
  }
}

void Ledger::settle_accept_routes(Snapshot& snapshot) {
  for (auto& [address, row] : listening_)
    for (auto& [worker, acceptor] : row.acceptors) {
      if (acceptor.accepts == 0) continue;
      if (row.name.empty()) row.name = format_endpoint(address);
      snapshot.accept_routes.push_back({{worker_pid(worker), worker_start_ticks(worker)},
                                        row.name,
                                        address.netns,
                                        std::exchange(acceptor.accepts, 0)});
    }
}

void Ledger::settle(Snapshot& snapshot, std::uint64_t now) {
  settle_sums(snapshot);
  settle_workers(snapshot, now);
  settle_destinations(snapshot);
  settle_accept_routes(snapshot);
  settle_sample(snapshot, now);
}

void Ledger::expire(std::uint64_t now) {
  expire_routes(now);
  workers_.expire(now, [this](const WorkerRow& row) { worker_leaves(row); });
  destinations_.expire(now, [this](const DestinationRow& row) { routes_ -= row.routes.size(); });
  for (auto& [address, row] : listening_) {
    std::erase_if(row.acceptors, [](const auto& of) { return of.second.flows == 0; });
    row.wait_delta = {};
  }
  std::erase_if(listening_, [](const auto& entry) { return entry.second.acceptors.empty(); });
}

}  // namespace tcpwatch
