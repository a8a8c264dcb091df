// SPDX-License-Identifier: Apache-2.0
#include "views/sockets_recorded.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/human.h"

namespace tcpwatch {
namespace {

std::uint64_t whole(std::int64_t count) {
  return count > 0 ? static_cast<std::uint64_t>(count) : 0;
}

// What counts of steps know, and of closed sockets what the last look found.
StateCounts counts_of(const States& states, const std::optional<SocketFacts>& looked,
                      std::uint32_t wanted) {
  StateCounts counts{};
  for (std::uint32_t state = 0; state < TW_STATES; ++state) counts[state] = whole(states[state]);
  counts[TW_CLOSE] = 0;  // in no table of the kernel
  counts[TW_TIME_WAIT] = looked ? looked->time_waits : 0;
  if (looked) counts[TW_FIN_WAIT2] += looked->fin_waits;
  for (std::uint32_t state = 0; state < TW_STATES; ++state)
    if ((wanted >> state & 1U) == 0) counts[state] = 0;
  return counts;
}

void add(StateCounts& sum, const StateCounts& counts) {
  for (std::size_t state = 0; state < sum.size(); ++state) sum[state] += counts[state];
}

SocketActivity activity_of(const std::optional<SocketFacts>& looked) {
  SocketActivity activity;
  activity.looked = looked.has_value();
  if (!looked) return activity;
  activity.idle = looked->idle;
  activity.waiting = looked->waiting;
  if (looked->waiting != 0) activity.waiting_since = looked->waiting_since;
  if (!looked->close_waits) return activity;
  activity.close_wait_age = looked->close_waits->oldest;
  activity.close_wait_peer = looked->close_waits->peer;
  return activity;
}

// Sockets of the whole host.
StateCounts all_counts(const Snapshot& snapshot, std::uint32_t wanted) {
  SocketFacts facts;
  facts.time_waits = whole(snapshot.time_wait.value_or(0));
  if (snapshot.sample) facts.fin_waits = snapshot.sample->fin_waits;
  States states = snapshot.states;
  states[TW_LISTEN] = 0;
  for (const Listener& listener : snapshot.listeners) {
    states[TW_LISTEN] += listener.closed ? 0 : 1;
    states[TW_SYN_RECV] += listener.syn_queue;
  }
  return counts_of(states, facts, wanted);
}

template <typename Row>
void largest_first(std::vector<Row>& rows) {
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return total_of(a.states) > total_of(b.states); });
}

struct Recorded {
  const Snapshot& snapshot;
  const RecordedSockets& wanted;
  SocketsView view;

  void add_processes() {
    for (const Worker& worker : snapshot.workers) {
      if (!worker.alive) continue;
      ProcessSockets row;
      row.pid = worker.id.pid;
      row.comm = worker.comm;
      row.cmdline = worker.cmdline;
      row.cgroup = worker.cgroup;
      row.container = worker.container;
      if (worker.fds) row.fds = worker.fds->open;
      if (worker.fds) row.fds_limit = worker.fds->limit;
      row.states = counts_of(worker.states, worker.sockets, wanted.states);
      row.activity = activity_of(worker.sockets);
      if (total_of(row.states) != 0) view.processes.push_back(std::move(row));
    }
    if (!wanted.part) add_nobodys();
    largest_first(view.processes);
  }

  void add_nobodys() {
    ProcessSockets row;
    row.comm = "(nobody's)";
    SocketFacts closed;
    if (snapshot.sample) closed.time_waits = snapshot.sample->strangers;
    row.states = counts_of(snapshot.unowned.states, closed, wanted.states);
    row.activity.looked = false;
    if (total_of(row.states) != 0) view.processes.push_back(std::move(row));
  }

  void add_listeners() {
    std::map<std::pair<std::uint32_t, std::string>, ListenerSockets> rows;
    for (const Listener& listener : snapshot.listeners) {
      if (listener.closed) continue;
      ListenerSockets& row = rows[{listener.netns, listener.address}];
      row.address = listener.address;
      row.netns = listener.netns;
      for (const std::uint32_t pid : listener.owners)
        if (std::ranges::count(row.owners, pid) == 0) row.owners.push_back(pid);
      ++row.members;
      row.reuseport_group = listener.reuseport_group;
      row.note_queue(listener.queue_now, listener.queue_limit);
      row.half_open += listener.syn_queue;
      row.drops += listener.overflows_total.syn + listener.overflows_total.ack;
      if (listener.listen_backlog) row.backlog = *listener.listen_backlog;
      row.somaxconn = listener.somaxconn;
      States states{};
      states[TW_LISTEN] = static_cast<std::int64_t>(row.members);
      if (listener.sockets)  // of the address, whichever of its listeners they came through
        states[TW_ESTABLISHED] =
            static_cast<std::int64_t>(listener.sockets->active + listener.sockets->idle);
      row.states = counts_of(states, listener.sockets, wanted.states);
    }
    for (auto& [place, row] : rows) view.listeners.push_back(std::move(row));
    std::ranges::stable_sort(view.listeners, [](const auto& a, const auto& b) {
      return a.queue * std::max<std::uint64_t>(b.queue_limit, 1) >
             b.queue * std::max<std::uint64_t>(a.queue_limit, 1);
    });
  }

  void add_destinations() {
    for (const Destination& destination : snapshot.destinations) {
      DestinationSockets row;
      row.address = destination.address;
      row.netns = destination.netns;
      row.workers = destination.workers;
      row.activity = activity_of(destination.sockets);
      std::optional<SocketFacts> facts = destination.sockets;
      if (destination.ports) {
        row.sources = destination.ports->sources;
        row.ports_used = destination.ports->used;
        row.ports_available = destination.ports->available;
        row.ports_reusable = destination.ports->reusable;
        row.exhausted_in = destination.ports->exhausted_in;
        if (!facts) facts.emplace();
        facts->time_waits = destination.ports->time_waits;  // whoever made them
      }
      row.states = counts_of(destination.states, facts, wanted.states);
      if (total_of(row.states) != 0) view.destinations.push_back(std::move(row));
    }
    largest_first(view.destinations);
  }

  void add_sums() {
    if (wanted.part && wanted.by == TW_BY_LISTENER) {
      for (const ListenerSockets& row : view.listeners) add(view.states, row.states);
    } else if (wanted.part && wanted.by == TW_BY_DESTINATION) {
      for (const DestinationSockets& row : view.destinations) add(view.states, row.states);
    } else if (wanted.part) {
      for (const Worker& worker : snapshot.workers)
        add(view.states, counts_of(worker.states, worker.sockets, wanted.states));
    } else {
      view.states = all_counts(snapshot, wanted.states);
    }
  }

  void add_states() {
    const std::uint64_t all = total_of(view.states);
    for (std::uint32_t state = 0; state < TW_STATES; ++state)
      if (view.states[state] != 0)
        view.by_state.push_back({static_cast<tw_state>(state), view.states[state], all});
    std::ranges::stable_sort(view.by_state, std::greater(), &StateSockets::sockets);
  }

  void add_notes() {
    view.notes.emplace_back("recorded: counts as the tracer kept them, at the end of the window");
    if (!snapshot.sample) {
      view.complete = false;
      view.notes.emplace_back(
          "the capture holds no look through the socket table: what only such a look tells (idle, "
          "waiting, source ports, TIME_WAIT by process) is missing");
      return;
    }
    view.complete = snapshot.sample->whole;
    view.seconds = snapshot.sample->cost;
    view.notes.push_back(
        fmt::format("idle, waiting, source ports and TIME_WAIT by process are as of {} before",
                    format_seconds(snapshot.sample->age)));
    if (wanted.by == TW_BY_LISTENER)
      view.notes.emplace_back("DROPS are those since the recording began");
  }
};

}  // namespace

SocketsView recorded_sockets(const Snapshot& snapshot, const RecordedSockets& wanted) {
  Recorded recorded{snapshot, wanted, {}};
  SocketsView& view = recorded.view;
  view.by = wanted.by;
  view.realtime_ns = snapshot.realtime_ns;
  view.host = snapshot.host;
  view.namespaces = snapshot.netns.size();
  if (wanted.by == TW_BY_PROCESS) recorded.add_processes();
  if (wanted.by == TW_BY_LISTENER) recorded.add_listeners();
  if (wanted.by == TW_BY_DESTINATION) recorded.add_destinations();
  recorded.add_sums();
  if (wanted.by == TW_BY_STATE) recorded.add_states();
  recorded.add_notes();
  return std::move(view);
}

}  // namespace tcpwatch
