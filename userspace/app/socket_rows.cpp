// SPDX-License-Identifier: Apache-2.0
//
// From counts of the kernel to rows: merged, named, ranked. The second half of SocketSurvey.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "app/socket_survey.h"
#include "base/address.h"
#include "base/container.h"
#include "base/fixed_text.h"
#include "base/worker.h"

namespace tcpwatch {
namespace {

constexpr std::size_t kMostNamed = 4096;     // processes that /proc is asked about, some 35 us each
constexpr std::uint32_t kReuseLoopback = 2;  // tcp_tw_reuse: only for connections over loopback

std::uint64_t less(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; }

void add_counts(StateCounts& sum, const std::uint32_t (&states)[TW_TABLE_STATES]) {
  for (std::uint32_t state = 0; state < TW_STATES; ++state) sum[state] += states[state];
}

void add_activity(SocketActivity& sum, const tw_table_count& count, double jiffies_per_second) {
  sum.idle += count.idle;
  sum.waiting += count.waiting;
  if (count.waiting != 0) {
    const double since = count.waiting_since / jiffies_per_second;
    sum.waiting_since = std::max(sum.waiting_since.value_or(0), since);
  }
  if (count.states[TW_CLOSE_WAIT] == 0) return;
  const double age = count.leaked_since / jiffies_per_second;
  if (sum.close_wait_age && *sum.close_wait_age >= age) return;
  sum.close_wait_age = age;
  sum.close_wait_peer = format_endpoint(count.leaked_to);
}

void add_to(std::vector<std::uint32_t>& pids, std::uint32_t pid) {
  if (pid != 0 && std::ranges::count(pids, pid) == 0) pids.push_back(pid);
}

template <typename Row>
void largest_first(std::vector<Row>& rows) {
  std::ranges::stable_sort(
      rows, [](const Row& a, const Row& b) { return total_of(a.states) > total_of(b.states); });
}

void describe(ProcessSockets& row, const tw_process& process) {
  row.comm = text_of(process.comm);
  row.cmdline = text_of(process.cmdline);
  row.cgroup = text_of(process.cgroup);
  if (const auto container = container_of(row.cgroup)) row.container = container->id;
  if (process.fds_open != TW_UNKNOWN) row.fds = process.fds_open;
  if (process.fds_limit != TW_UNKNOWN) row.fds_limit = process.fds_limit;
}

}  // namespace

void SocketSurvey::add_processes(Gathered& gathered) {
  if (query_.by != TW_BY_PROCESS) return;
  auto& rows = gathered.view.processes;
  for (const auto& [key, count] : table_->take_rows()) {
    ProcessSockets& row = rows.emplace_back();
    row.pid = worker_pid(key.worker);
    row.comm = text_of(count.comm);
    add_counts(row.states, count.states);
    add_activity(row.activity, count, jiffies_per_second_);
  }
  largest_first(rows);
  for (std::size_t i = 0; i < std::min(rows.size(), kMostNamed); ++i)
    if (const auto process = processes_.read(*rows[i].pid, 0)) describe(rows[i], *process);
  add_unheld(gathered.view);
  largest_first(rows);
}

// Sockets that no process holds, and why.
void SocketSurvey::add_unheld(SocketsView& view) const {
  const tw_table_run& run = table_->run();
  ProcessSockets accepting, closed, unseen;
  accepting.comm = "(not accepted)";
  closed.comm = "(closed)";
  unseen.comm = "(not seen)";
  if (query_.of_processes()) return;
  for (std::uint32_t state = 0; state < TW_STATES; ++state) {
    accepting.states[state] = run.in_queue[state];
    closed.states[state] = less(run.without_file[state], run.in_queue[state]);
    unseen.states[state] = less(less(run.states[state], run.without_file[state]), run.owned[state]);
  }
  for (const ProcessSockets& row : {accepting, closed, unseen})
    if (total_of(row.states) != 0) view.processes.push_back(row);
}

void SocketSurvey::add_listeners(Gathered& gathered) {
  if (query_.by != TW_BY_LISTENER) return;
  std::map<std::uint64_t, std::vector<std::uint32_t>> owners;
  for (const tw_table_holder& holder : gathered.holders)
    add_to(owners[holder.sk], worker_pid(holder.worker));
  std::map<std::pair<std::string, std::uint32_t>, ListenerSockets> rows;
  std::map<std::uint64_t, std::uint64_t> groups;
  for (const tw_table_socket& socket : gathered.sockets) {
    auto& row = rows[{format_endpoint(socket.local), socket.local.netns}];
    const NetSysctls& settings = gathered.settings[socket.local.netns];
    ++row.members;
    row.note_queue(socket.in_queue, socket.out_queue);
    row.half_open += socket.half_open;
    row.drops += socket.drops;
    if (settings.somaxconn) row.somaxconn = *settings.somaxconn;
    // The kernel keeps the lesser of the two.
    if (row.members == 1 && settings.somaxconn && socket.out_queue < *settings.somaxconn)
      row.backlog = socket.out_queue;
    if (socket.reuseport != 0)
      row.reuseport_group = groups.try_emplace(socket.reuseport, groups.size() + 1).first->second;
    for (const std::uint32_t pid : owners[socket.sk]) add_to(row.owners, pid);
  }
  for (const auto& [key, count] : table_->take_rows()) {
    const auto found = rows.find({format_endpoint(key.end), key.end.netns});
    if (found != rows.end()) add_counts(found->second.states, count.states);
  }
  for (auto& [key, row] : rows) {
    std::tie(row.address, row.netns) = key;
    std::ranges::sort(row.owners);
    gathered.view.listeners.push_back(std::move(row));
  }
  std::ranges::stable_sort(gathered.view.listeners, std::ranges::greater(),
                           &ListenerSockets::fullest);
}

bool was_accepted(const tw_table_key& key, const tw_table_count& count,
                  const NetSysctls& settings) {
  std::uint64_t all = 0;
  for (std::uint32_t state = 0; state < TW_STATES; ++state) all += count.states[state];
  return key.worker == 0 && count.in_range == 0 && count.states[TW_TIME_WAIT] == all &&
         settings.port_low && settings.port_high && key.end.port >= *settings.port_low &&
         key.end.port <= *settings.port_high;
}

void SocketSurvey::add_destinations(Gathered& gathered, std::uint64_t now) {
  if (query_.by != TW_BY_DESTINATION) return;
  using Key = std::pair<std::string, std::uint32_t>;
  std::map<Key, DestinationSockets> rows;
  std::map<Key, std::map<std::string, std::uint64_t>> used;  // by local address
  for (const auto& [key, count] : table_->take_rows()) {
    const Key at{format_endpoint(key.end), key.end.netns};
    const NetSysctls& settings = gathered.settings[at.second];
    if (was_accepted(key, count, settings)) {
      gathered.accepted += count.states[TW_TIME_WAIT];
      continue;
    }
    DestinationSockets& row = rows[at];
    row.ports_available = settings.ports_available();
    add_counts(row.states, count.states);
    add_activity(row.activity, count, jiffies_per_second_);
    add_to(row.workers, worker_pid(key.worker));
    tw_endpoint source{};
    std::ranges::copy(key.source, source.address);
    used[at][format_address(source)] += count.in_range;
    const std::uint32_t reuse = settings.tcp_tw_reuse.value_or(0);
    if (settings.tcp_timestamps.value_or(0) != 0 &&
        (reuse == 1 || (reuse == kReuseLoopback && is_loopback(key.end))))
      row.ports_reusable += count.reusable;
  }
  const double elapsed = static_cast<double>(now - taken_before_) * 1e-9;
  for (auto& [key, row] : rows) {
    std::tie(row.address, row.netns) = key;
    std::ranges::sort(row.workers);
    row.sources = used[key].size();
    for (const auto& [source, ports] : used[key]) row.ports_used = std::max(row.ports_used, ports);
    const auto before = ports_before_.find(key);
    if (before != ports_before_.end() && row.ports_available && row.ports_used > before->second) {
      const double rate = static_cast<double>(row.ports_used - before->second) / elapsed;
      const std::uint64_t taken = less(row.ports_used, row.ports_reusable);
      row.exhausted_in = static_cast<double>(less(*row.ports_available, taken)) / rate;
    }
  }
  ports_before_.clear();
  taken_before_ = now;
  for (auto& [key, row] : rows) {
    ports_before_[key] = row.ports_used;
    gathered.view.destinations.push_back(std::move(row));
  }
  largest_first(gathered.view.destinations);
}

void SocketSurvey::add_sockets(Gathered& gathered) const {
  if (query_.by != TW_BY_SOCKET) return;
  std::ranges::stable_sort(gathered.holders, {}, &tw_table_holder::sk);
  for (const tw_table_socket& socket : gathered.sockets) {
    OneSocket& row = gathered.view.sockets.emplace_back();
    row.socket = socket;
    for (const tw_table_holder& holder :
         std::ranges::equal_range(gathered.holders, socket.sk, {}, &tw_table_holder::sk))
      row.holders.push_back({worker_pid(holder.worker), std::string(text_of(holder.comm))});
  }
}

}  // namespace tcpwatch
