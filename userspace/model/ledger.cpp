// SPDX-License-Identifier: Apache-2.0
#include "model/ledger.h"

#include "base/worker.h"

namespace tcpwatch {
namespace {

template <typename Row>
void post_row(Row& row, const Gain& gain) {
  add(row.delta, gain);
  add_steps(row.states, gain);
  row.changed = true;
}

template <typename Row>
void take_states(Row& row, const States& states) {
  subtract(row.states, states);
  row.changed = true;
}

}  // namespace

Ledger::Ledger(const ModelLimits& limits)
    : limits_(limits),
      workers_(limits.workers, limits.grace_ns),
      destinations_(limits.destinations, limits.grace_ns) {}

// The folded flow counts steps of sockets whose beginning nobody saw as well, so that its states
// may be negative: they are kept apart, to be clamped before they are added.
States& Ledger::states_of_all(tw_role role) {
  return role == TW_ROLE_OTHER ? folded_states_ : sum_.states;
}

void Ledger::worker_leaves(const WorkerRow& row) {
  worker_left_ = true;
  add(unowned_.total, row.shown->total);
  add(unowned_.delta, row.delta);
}

WorkerRow* Ledger::worker_row(tw_worker worker, std::uint64_t now) {
  if (WorkerRow* row = workers_.find(worker)) return row;
  WorkerRow* row =
      workers_.get(worker, now, [this](const WorkerRow& leaving) { worker_leaves(leaving); });
  if (row) row->about.id = {worker_pid(worker), worker_start_ticks(worker)};
  return row;
}

void Ledger::open_worker(Account& account, const tw_flow_key& key, std::string_view comm,
                         const States& states, std::uint64_t now) {
  WorkerRow* row = worker_row(key.worker, now);
  if (!row) return;
  Workers::hold(*row);
  if (row->about.comm.empty()) row->about.comm = comm;
  if (row->about.netns == 0) row->about.netns = key.peer.netns;
  row->changed = true;
  add(row->states, states);
  subtract(unowned_.states, states);
  account.worker = row;
}

void Ledger::open_destination(Account& account, const tw_flow_key& key, const States& states,
                              std::uint64_t now) {
  auto leaves = [this](const DestinationRow& leaving) { routes_ -= leaving.routes.size(); };
  DestinationRow* row = destinations_.get(key.peer, now, leaves);
  if (!row) return;
  Destinations::hold(*row);
  row->changed = true;
  add(row->states, states);
  account.destination = row;
}

void Ledger::open_route(Account& account, const tw_flow_key& key) {
  if (!account.worker || !account.destination) return;
  auto& routes = account.destination->routes;
  const auto found = routes.find(key.worker);
  if (found == routes.end() && routes_ >= limits_.routes) return;
  RouteRow& route = found == routes.end() ? routes[key.worker] : found->second;
  if (found == routes.end()) {
    ++routes_;
    account.destination->changed = true;
  }
  ++route.tenure.flows;
  account.route = &route;
}

void Ledger::open(Account& account, const tw_flow_key& key, std::string_view comm,
                  const States& states, std::uint64_t now) {
  const bool owned = key.worker != 0 && key.role != TW_ROLE_OTHER && key.role != TW_ROLE_QUEUE;
  const bool routed = owned && key.role == TW_ROLE_OUT;
  if (owned && !account.worker) open_worker(account, key, comm, states, now);
  if (key.role == TW_ROLE_OUT && !account.destination) open_destination(account, key, states, now);
  if (routed && !account.route) open_route(account, key);
  if (key.role == TW_ROLE_IN && !account.listening) {
    account.listening = &listening_[key.peer];
    account.acceptor = &account.listening->acceptors[key.worker];
    ++account.acceptor->flows;
  }
  account.complete = (!owned || account.worker) && (!routed || account.route) &&
                     (key.role != TW_ROLE_OUT || account.destination);
  if (!account.complete && !account.folded) {
    account.folded = true;
    ++folded_;
  }
}

void Ledger::post(const Account& account, tw_role role, const Gain& gain) {
  add(sum_.delta, gain);
  add_steps(states_of_all(role), gain);
  for (const auto& [step, count] : gain.steps) steps_delta_[step] += count;

  if (account.worker) {
    post_row(*account.worker, gain);
    add_steps(account.worker->steps, gain);
  } else {
    add(unowned_.delta, gain);
    if (role != TW_ROLE_OTHER) add_steps(unowned_.states, gain);
  }
  if (account.destination) post_row(*account.destination, gain);
  if (account.route) {
    add(account.route->delta, gain);
    account.route->counted = true;
  }
  if (account.listening) {
    account.acceptor->accepts += gain.accepts;
    for (const auto& [histogram, bucket, count] : gain.timed)
      account.listening->wait_delta.add(bucket, count);
    for (const auto& [histogram, seconds] : gain.sums)
      account.listening->wait_delta.add_seconds(seconds);
  }
}

void Ledger::close(Account& account, const tw_flow_key& key, const States& states,
                   std::uint64_t now) {
  subtract(states_of_all(static_cast<tw_role>(key.role)), states);
  if (account.worker) {
    take_states(*account.worker, states);
    workers_.release(*account.worker, now);
  } else if (key.role != TW_ROLE_OTHER) {
    subtract(unowned_.states, states);
  }
  if (account.destination) {
    take_states(*account.destination, states);
    destinations_.release(*account.destination, now);
  }
  if (account.route) {
    --account.route->tenure.flows;
    account.route->tenure.idle_since = now;
    next_route_expiry_.note(now);
  }
  if (account.listening) close_listening(*account.listening, key);
  account = {};
}

// What its workers accepted and waited is shown at the tick, so an address stays until then; not so
// where a hostile stream opens and closes addresses without end.
void Ledger::close_listening(ListeningRow& row, const tw_flow_key& key) {
  const auto found = row.acceptors.find(key.worker);
  const bool crowded = listening_.size() > limits_.flow_slots;
  if (--found->second.flows != 0) return;
  if (found->second.accepts == 0 || crowded || row.acceptors.size() > limits_.flow_slots)
    row.acceptors.erase(found);
  if (row.acceptors.empty() && (row.wait_delta.count() == 0 || crowded)) listening_.erase(key.peer);
}

}  // namespace tcpwatch
