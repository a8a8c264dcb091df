// SPDX-License-Identifier: Apache-2.0
#include "diagnosis/chart.h"

#include <algorithm>

namespace tcpwatch {
namespace {

constexpr std::size_t kMost = 8192;  // of each kind; beyond that nobody new is followed

// Who has left, or was quiet for a window, leaves the chart.
template <typename Entries>
std::size_t forget(Entries& entries, double now, double window) {
  return std::erase_if(entries, [&](const auto& entry) {
    return entry.second.track.empty() || entry.second.track.latest().end <= now - window;
  });
}

template <typename Entries>
void unlink_rows(Entries& entries) {
  for (auto& [key, entry] : entries) entry.row = nullptr;
}

// Null: there is no room.
template <typename Entries>
auto* entry_of(Entries& entries, const typename Entries::key_type& key) {
  if (const auto found = entries.find(key); found != entries.end()) return &found->second;
  return entries.size() < kMost ? &entries[key] : nullptr;
}

bool quiet(const Worker& row) {
  const Traffic& delta = row.delta;
  return delta.accepts + delta.connects + delta.closes + delta.refused_descriptors() +
                 delta.turned_away ==
             0 &&
         row.states[TW_ESTABLISHED] == 0 && row.states[TW_CLOSE_WAIT] == 0 &&
         row.states[TW_FIN_WAIT2] == 0 && row.states[TW_LISTEN] == 0;
}

bool quiet(const Destination& row) {
  return row.delta.connects == 0 && row.delta.connect_failures() == 0 &&
         row.states[TW_SYN_SENT] == 0 && !(row.sockets && row.sockets->waiting != 0);
}

// What the last look through the socket table told.
void add_sockets(DestinationSample& sample, const Destination& row) {
  if (row.sockets) {
    sample.unanswered = row.sockets->waiting;
    sample.unanswered_for = row.sockets->waiting_since;
  }
  if (!row.ports || row.ports->available.value_or(0) == 0) return;
  sample.ports = static_cast<double>(row.ports->used) / static_cast<double>(*row.ports->available);
  sample.exhausted_in = row.ports->exhausted_in.value_or(-1);
}

}  // namespace

void Chart::add_listeners(double window) {
  unlink_rows(listeners_);
  std::map<Place, std::size_t> order;
  for (const Listener& row : snapshot_->listeners) {
    if (row.closed) continue;
    const std::size_t place = order[{row.netns, row.address}]++;
    auto* entry = entry_of(listeners_, {row.netns, row.address, place});
    if (!entry) break;
    entry->row = &row;
    ListenerSample sample{{now_, snapshot_->interval}};
    sample.accepts = row.accepts_delta;
    sample.syn = row.overflows_delta.syn;
    sample.ack = row.overflows_delta.ack;
    sample.queue_now = row.queue_now;
    sample.queue_peak = std::max(row.queue_peak, row.queue_now);
    sample.queue_limit = row.queue_limit;
    sample.half_open = row.syn_queue;
    sample.wait = row.accept_wait_delta.quantile(0.5).value_or(-1);
    if (row.sockets) sample.held = static_cast<double>(row.sockets->active + row.sockets->idle);
    entry->track.add(sample, window);
  }
}

void Chart::add_workers(double window) {
  unlink_rows(workers_);
  for (const Worker& row : snapshot_->workers) {
    if (!row.alive || (quiet(row) && !parents_.contains(row.id.pid))) continue;
    auto* entry = entry_of(workers_, row.id);
    if (!entry) break;
    entry->row = &row;
    WorkerSample sample{{now_, snapshot_->interval}};
    sample.accepts = row.delta.accepts;
    sample.opened = row.delta.accepts + row.delta.established_out;
    sample.closes = row.delta.closes;
    sample.refused = row.delta.refused_descriptors();
    sample.turned_away = row.delta.turned_away;
    sample.searching = row.delta.kernel.sum();
    if (row.sockets) {
      sample.slow = row.sockets->slow;
      sample.sampled = row.sockets->active + row.sockets->idle;
    }
    sample.established = row.states[TW_ESTABLISHED];
    sample.close_wait = row.states[TW_CLOSE_WAIT];
    sample.fin_wait2 = row.states[TW_FIN_WAIT2];
    entry->track.add(sample, window);
  }
}

// Null: it is not followed. Rows seldom change places, and a look is cheaper than a search.
Chart::DestinationEntry* Chart::destination_at(std::size_t row, const Destination& destination) {
  if (destination_rows_.size() <= row) destination_rows_.resize(row + 1);
  auto*& there = destination_rows_[row];
  if (there && there->first.first == destination.netns &&
      there->first.second == destination.address)
    return &there->second;
  const Place place{destination.netns, destination.address};
  auto found = destinations_.find(place);
  if (found == destinations_.end()) {
    if (quiet(destination) || destinations_.size() >= kMost) return nullptr;
    found = destinations_.try_emplace(place).first;
  }
  there = &*found;
  return &found->second;
}

void Chart::add_destinations(double window) {
  unlink_rows(destinations_);
  std::size_t number = 0;
  for (const Destination& row : snapshot_->destinations) {
    auto* entry = destination_at(number++, row);
    if (!entry) continue;
    entry->row = &row;
    if (quiet(row)) continue;
    DestinationSample sample{{now_, snapshot_->interval}};
    sample.connects = row.delta.connects;
    sample.established_out = row.delta.established_out;
    std::ranges::transform(row.delta.failures, sample.failures.begin(), [](std::uint64_t count) {
      return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, ~0U));
    });
    sample.failed = row.delta.connect_failures() != 0;
    sample.searches = row.delta.kernel.count();
    sample.searching = row.delta.kernel.sum();
    sample.search = row.delta.kernel.quantile(0.5).value_or(-1);
    sample.gave_up = row.delta.failed.quantile(0.5).value_or(-1);
    sample.under_way = row.states[TW_SYN_SENT];
    sample.established = row.states[TW_ESTABLISHED];
    add_sockets(sample, row);
    entry->track.add(sample, window);
  }
}

void Chart::add_namespaces(double window) {
  unlink_rows(namespaces_);
  for (const Netns& row : snapshot_->netns) {
    auto* entry = entry_of(namespaces_, row.inode);
    if (!entry) break;
    entry->row = &row;
    NetnsSample sample{{now_, snapshot_->interval}};
    sample.time_wait = row.total.time_wait;
    sample.cookies_sent = row.delta.cookies_sent;
    sample.cookies_received = row.delta.cookies_received;
    sample.syn_queue_drops = row.delta.reqq_full_drop;
    if (row.conntrack && row.conntrack->max != 0) {
      sample.tracked =
          static_cast<double>(row.conntrack->count) / static_cast<double>(row.conntrack->max);
      sample.untracked_drops = row.conntrack->dropped_delta;
    }
    entry->track.add(sample, window);
  }
}

void Chart::add_servers(double window) {
  unlink_rows(servers_);
  for (const Server& row : snapshot_->servers) {
    auto* entry = entry_of(servers_, {row.netns, row.address});
    if (!entry) break;
    entry->row = &row;
    entry->track.add({{now_, snapshot_->interval}, row.delta.accepts, row.delta.handled}, window);
  }
}

void Chart::add_activities(double window) {
  for (const Activity& seen : snapshot_->activities) {
    if (activities_.size() >= kMost && !activities_.contains(seen.pid)) continue;
    activities_[seen.pid].add({{now_, snapshot_->interval}, seen}, window);
    if (seen.parent != 0) parents_[seen.pid] = seen.parent;
  }
}

void Chart::add(std::shared_ptr<const Snapshot> snapshot, double window) {
  snapshot_ = std::move(snapshot);
  now_ += std::max(0.0, snapshot_->interval);
  add_listeners(window);
  add_workers(window);
  add_destinations(window);
  add_namespaces(window);
  add_servers(window);
  add_activities(window);
  forget(listeners_, now_, window);
  forget(workers_, now_, window);
  if (forget(destinations_, now_, window) != 0) destination_rows_.clear();
  forget(namespaces_, now_, window);
  forget(servers_, now_, window);
  std::erase_if(activities_, [&](const auto& entry) {
    return entry.second.empty() || entry.second.latest().end <= now_ - window;
  });
  std::erase_if(parents_, [&](const auto& entry) { return !activities_.contains(entry.first); });
}

const Worker* Chart::worker(std::uint32_t pid) const {
  const auto found = workers_.lower_bound(WorkerId{pid, 0});
  return found != workers_.end() && found->first.pid == pid ? found->second.row : nullptr;
}

const Worker* Chart::last_of(std::uint32_t pid) const {
  if (const Worker* row = worker(pid)) return row;
  const auto found = std::ranges::find_if(snapshot_->workers,
                                          [&](const Worker& row) { return row.id.pid == pid; });
  return found == snapshot_->workers.end() ? nullptr : &*found;
}

const Track<WorkerSample>* Chart::worker_track(std::uint32_t pid) const {
  const auto found = workers_.lower_bound(WorkerId{pid, 0});
  return found != workers_.end() && found->first.pid == pid ? &found->second.track : nullptr;
}

std::vector<std::uint32_t> Chart::children(std::uint32_t pid) const {
  std::vector<std::uint32_t> pids;
  for (const auto& [child, parent] : parents_)
    if (parent == pid) pids.push_back(child);
  return pids;
}

const Track<ActivitySample>* Chart::activity(std::uint32_t pid) const {
  const auto found = activities_.find(pid);
  return found == activities_.end() ? nullptr : &found->second;
}

}  // namespace tcpwatch
