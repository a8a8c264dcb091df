// SPDX-License-Identifier: Apache-2.0
#include "model/filter.h"

#include <algorithm>
#include <set>

#include "base/container.h"

namespace tcpwatch {
namespace {

bool has_port(const std::string& address, std::uint16_t port) {
  return address.ends_with(":" + std::to_string(port));
}

bool chosen(const Worker& worker, const Filter& filter) {
  return (filter.pids.empty() || std::ranges::count(filter.pids, worker.id.pid) > 0) &&
         (filter.comm.empty() || worker.comm == filter.comm) &&
         in_cgroup(worker.cgroup, filter.cgroup) &&
         (!filter.netns || worker.netns == *filter.netns);
}

bool share_a_pid(const std::vector<std::uint32_t>& some, const std::set<std::uint32_t>& others) {
  return std::ranges::any_of(some, [&](std::uint32_t pid) { return others.contains(pid); });
}

// A listener or destination: in the namespace, on the port, and of one of the chosen workers.
bool belongs(const std::string& address, std::uint32_t netns,
             const std::vector<std::uint32_t>& pids, const std::set<std::uint32_t>& workers,
             const Filter& filter) {
  return (!filter.netns || netns == *filter.netns) &&
         (!filter.port || has_port(address, *filter.port)) &&
         (filter.any_worker() || share_a_pid(pids, workers));
}

// With a port: the workers that listen, accept or connect there.
std::set<std::uint32_t> pids_on_port(const Snapshot& snapshot) {
  std::set<std::uint32_t> pids;
  for (const Listener& listener : snapshot.listeners)
    pids.insert(listener.owners.begin(), listener.owners.end());
  for (const Destination& destination : snapshot.destinations)
    pids.insert(destination.workers.begin(), destination.workers.end());
  return pids;
}

}  // namespace

Snapshot filtered(const Snapshot& snapshot, const Filter& filter) {
  Snapshot part = snapshot;
  if (filter.everything()) return part;
  part.workers.keep_if([&](const Worker& worker) { return chosen(worker, filter); });
  std::set<std::uint32_t> workers;
  for (const Worker& worker : part.workers) workers.insert(worker.id.pid);
  std::erase_if(part.listeners, [&](const Listener& listener) {
    return !belongs(listener.address, listener.netns, listener.owners, workers, filter);
  });
  part.destinations.keep_if([&](const Destination& row) {
    return belongs(row.address, row.netns, row.workers, workers, filter);
  });
  std::erase_if(part.accept_routes, [&](const AcceptRoute& route) {
    return !belongs(route.address, route.netns, {route.worker.pid}, workers, filter);
  });
  if (filter.netns)
    std::erase_if(part.netns, [&](const Netns& row) { return row.inode != *filter.netns; });
  std::erase_if(part.servers, [&](const Server& row) {
    return (filter.netns && row.netns != *filter.netns) ||
           (filter.port && !has_port(row.address, *filter.port));
  });
  if (filter.port) {
    const auto there = pids_on_port(part);
    part.workers.keep_if([&](const Worker& worker) { return there.contains(worker.id.pid); });
  }
  return part;
}

std::shared_ptr<const Snapshot> without(std::shared_ptr<const Snapshot> snapshot,
                                        std::string_view comm) {
  std::set<std::uint32_t> hidden;
  for (const Worker& worker : snapshot->workers)
    if (worker.comm == comm) hidden.insert(worker.id.pid);
  if (hidden.empty()) return snapshot;
  const auto all_hidden = [&](const std::vector<std::uint32_t>& pids) {
    return !pids.empty() &&
           std::ranges::all_of(pids, [&](std::uint32_t pid) { return hidden.contains(pid); });
  };
  auto part = std::make_shared<Snapshot>(*snapshot);
  part->workers.keep_if([&](const Worker& worker) { return !hidden.contains(worker.id.pid); });
  std::erase_if(part->listeners,
                [&](const Listener& listener) { return all_hidden(listener.owners); });
  part->destinations.keep_if(
      [&](const Destination& destination) { return !all_hidden(destination.workers); });
  return part;
}

}  // namespace tcpwatch
