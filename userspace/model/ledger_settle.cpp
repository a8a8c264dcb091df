// SPDX-License-Identifier: Apache-2.0
//
// The end of an interval: increments join the totals, rows are copied into the snapshot, and those
// whose grace is over leave.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/worker.h"
#include "model/ledger.h"

namespace tcpwatch {
namespace {

// The increment is moved, not copied: it has served. Its place is empty again for the next one.
template <typename From, typename To>
void settle_traffic(From& row, To& copy) {
  Traffic delta = std::exchange(row.delta, Traffic{});
  add(row.total, delta);
  copy.total = row.total;
  copy.delta = std::move(delta);
}

}  // namespace

void Ledger::settle_sums(Snapshot& snapshot) {
  Unowned sum;
  settle_traffic(sum_, sum);
  snapshot.total = std::move(sum.total);
  snapshot.delta = std::move(sum.delta);
  settle_traffic(unowned_, snapshot.unowned);
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

void Ledger::settle_workers(Snapshot& snapshot) {
  snapshot.workers.reserve(workers_.size());
  for (auto& [key, row] : workers_) {
    Worker& copy = snapshot.workers.emplace_back();
    const Worker& from = row.out;
    copy.id = from.id;
    copy.comm = from.comm;
    copy.cmdline = from.cmdline;
    copy.cgroup = from.cgroup;
    copy.container = from.container;
    copy.netns = from.netns;
    copy.alive = from.alive;
    copy.fds = from.fds;
    copy.states = shown(row.states);
    settle_traffic(row.out, copy);
  }
}

void Ledger::expire_routes(DestinationRow& row, std::uint64_t now) {
  routes_ -= std::erase_if(row.routes, [&](const auto& entry) {
    const Tenure& tenure = entry.second.tenure;
    return tenure.flows == 0 && now - std::min(now, tenure.idle_since) >= limits_.grace_ns;
  });
}

void Ledger::settle_routes(Snapshot& snapshot, DestinationRow& row) {
  using Share = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>;
  std::vector<Share> shares;
  for (auto& [worker, route] : row.routes) {
    // A route needs its worker, for its name at least.
    if (route.tenure.flows == 0 && !workers_.find(worker)) continue;
    Route& copy = snapshot.routes.emplace_back();
    copy.worker = {worker_pid(worker), worker_start_ticks(worker)};
    copy.destination = snapshot.destinations.size() - 1;
    settle_traffic(route, copy);
    shares.emplace_back(copy.delta.connects, copy.total.connects, copy.worker.pid);
  }
  std::ranges::sort(shares, [](const Share& a, const Share& b) {
    const auto& [now_a, total_a, pid_a] = a;
    const auto& [now_b, total_b, pid_b] = b;
    return std::tie(now_b, total_b, pid_a) < std::tie(now_a, total_a, pid_b);
  });
  std::set<std::uint32_t> listed;  // a pid may have been used again
  for (const auto& share : shares)
    if (listed.insert(std::get<2>(share)).second)
      snapshot.destinations.back().workers.push_back(std::get<2>(share));
}

void Ledger::settle_destinations(Snapshot& snapshot) {
  snapshot.destinations.reserve(destinations_.size());
  snapshot.routes.reserve(routes_);
  for (auto& [key, row] : destinations_) {
    Destination& copy = snapshot.destinations.emplace_back();
    copy.address = row.out.address;
    copy.netns = row.out.netns;
    copy.states = shown(row.states);
    settle_traffic(row.out, copy);
    settle_routes(snapshot, row);
  }
}

void Ledger::settle(Snapshot& snapshot) {
  settle_sums(snapshot);
  settle_workers(snapshot);
  settle_destinations(snapshot);
}

void Ledger::expire(std::uint64_t now) {
  for (auto& [address, row] : destinations_) expire_routes(row, now);
  workers_.expire(now, [this](const WorkerRow& row) { worker_leaves(row); });
  destinations_.expire(now, [this](const DestinationRow& row) { routes_ -= row.routes.size(); });
  std::erase_if(listening_, [](const auto& entry) { return entry.second.acceptors.empty(); });
  for (auto& [address, row] : listening_) row.wait_delta = {};
}

}  // namespace tcpwatch
