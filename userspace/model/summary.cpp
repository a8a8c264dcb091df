// SPDX-License-Identifier: Apache-2.0
#include "model/summary.h"

#include <algorithm>

#include "model/gain.h"

namespace tcpwatch {
namespace {

void count(Overflows& sum, const Overflows& more) {
  sum.syn += more.syn;
  sum.ack += more.ack;
}

void count(Loss& sum, const Loss& more) {
  sum.events += more.events;
  sum.folded += more.folded;
  sum.untracked += more.untracked;
}

void raise(States& highest, const States& states) {
  for (std::size_t i = 0; i < states.size(); ++i) highest[i] = std::max(highest[i], states[i]);
}

// `now` has what is latest; what is added up, or at its highest, comes from `sum` as well.
template <typename Row>  // a Worker or a Destination
void fold(Row& sum, const Row& now) {
  Traffic delta = sum.delta;
  States states = sum.states;
  add(delta, now.delta);
  raise(states, now.states);
  sum = now;
  sum.delta = std::move(delta);
  sum.states = states;
}

void fold(Listener& sum, const Listener& now) {
  const Listener before = sum;
  sum = now;
  sum.queue_peak = std::max({now.queue_peak, now.queue_now, before.queue_peak});
  sum.syn_queue = std::max(sum.syn_queue, before.syn_queue);
  sum.accepts_delta += before.accepts_delta;
  count(sum.overflows_delta, before.overflows_delta);
  sum.other_drops_delta += before.other_drops_delta;
  sum.overflows_exact &= before.overflows_exact || before.address.empty();
  sum.accept_wait_delta.merge(before.accept_wait_delta);
}

void fold(tw_netns& sum, const tw_netns& more) {
  sum.active_opens += more.active_opens;
  sum.passive_opens += more.passive_opens;
  sum.attempt_fails += more.attempt_fails;
  sum.estab_resets += more.estab_resets;
  sum.listen_overflows += more.listen_overflows;
  sum.listen_drops += more.listen_drops;
  sum.reqq_full_drop += more.reqq_full_drop;
  sum.cookies_sent += more.cookies_sent;
  sum.cookies_received += more.cookies_received;
  sum.cookies_failed += more.cookies_failed;
  sum.out_no_routes += more.out_no_routes;
}

}  // namespace

void Summary::add_rows(const Snapshot& snapshot) {
  const auto row_of = [this](auto& rows, const auto& key) {
    if (rows.size() >= kMostRows && !rows.contains(key)) {
      ++sum_.lost_delta.folded;
      return static_cast<decltype(&rows.begin()->second)>(nullptr);
    }
    return &rows[key];
  };
  for (const Worker& worker : snapshot.workers)
    if (auto* row = row_of(workers_, worker.id)) fold(*row, worker);
  for (const Destination& destination : snapshot.destinations)
    if (auto* row = row_of(destinations_, Place(destination.netns, destination.address)))
      fold(*row, destination);
  std::map<Place, std::size_t> at;  // of one address there may be several
  for (const Listener& listener : snapshot.listeners) {
    const Place place(listener.netns, listener.address);
    const ListenerKey key(place.first, place.second, at[place]++);
    if (auto* row = row_of(listeners_, key)) fold(*row, listener);
  }
}

void Summary::add_netns(const Snapshot& snapshot) {
  for (const Netns& now : snapshot.netns) {
    Netns& row = netns_[now.inode];
    const tw_netns delta = row.delta;
    row = now;
    fold(row.delta, delta);
  }
}

void Summary::add(const Snapshot& snapshot) {
  ++intervals_;
  add_rows(snapshot);
  add_netns(snapshot);
  sum_.realtime_ns = snapshot.realtime_ns;
  sum_.interval += snapshot.interval;
  sum_.host = snapshot.host;
  sum_.kernel = snapshot.kernel;
  sum_.version = snapshot.version;
  sum_.total = snapshot.total;
  tcpwatch::add(sum_.delta, snapshot.delta);
  raise(sum_.states, snapshot.states);
  if (snapshot.time_wait)
    sum_.time_wait = std::max(sum_.time_wait.value_or(0), *snapshot.time_wait);
  sum_.overflows_total = snapshot.overflows_total;
  count(sum_.overflows_delta, snapshot.overflows_delta);
  for (std::size_t step = 0; step < sum_.steps_delta.size(); ++step)
    sum_.steps_delta[step] += snapshot.steps_delta[step];
  sum_.steps_total = snapshot.steps_total;
  sum_.hooks = snapshot.hooks;
  sum_.sample = snapshot.sample;
  sum_.lost_total = snapshot.lost_total;
  count(sum_.lost_delta, snapshot.lost_delta);
  if (snapshot.own_cpu) sum_.own_cpu = sum_.own_cpu.value_or(0) + *snapshot.own_cpu;
}

Snapshot Summary::all() const {
  Snapshot all = sum_;
  for (const auto& [id, row] : workers_) all.workers.push_back(row);
  for (const auto& [key, row] : listeners_) all.listeners.push_back(row);
  for (const auto& [place, row] : destinations_) all.destinations.push_back(row);
  for (const auto& [inode, row] : netns_) all.netns.push_back(row);
  return all;
}

}  // namespace tcpwatch
