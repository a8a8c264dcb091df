// SPDX-License-Identifier: Apache-2.0
#include "host/netns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "events/make.h"
#include "host/conntrack.h"
#include "host/mib.h"
#include "host/netns_enter.h"
#include "host/proc_file.h"

namespace tcpwatch {
NetnsReader::NetnsReader(std::string proc, std::vector<std::string> mounts)
    : proc_(std::move(proc)), mounts_(std::move(mounts)) {}

bool NetnsReader::discover() {
  NetnsScan scan = scan_netns(proc_, mounts_);
  known_ = std::move(scan.found);
  return scan.complete;
}

std::size_t NetnsReader::read(RecordBatch& batch, std::uint64_t time_ns) {
  if (known_.empty()) discover();
  std::size_t records = 0;
  std::vector<std::uint32_t> unread;
  const auto read_into = [&](const NetnsRef& netns) {
    const auto counters = read_both(netns, time_ns);
    if (!counters) return false;
    batch.append(counters->netns);
    if (counters->conntrack.count != 0) batch.append(counters->conntrack);
    ++records;
    return true;
  };
  for (const NetnsRef& netns : known_) {
    if (!read_into(netns)) unread.push_back(netns.inode);
  }
  if (unread.empty()) return records;
  discover();  // the processes that we knew may have ended, and others be in the namespace
  std::erase_if(known_, [&](const NetnsRef& netns) {
    return std::ranges::binary_search(unread, netns.inode) && !read_into(netns);
  });
  return records;
}

std::optional<tw_netns> NetnsReader::read_one(const NetnsRef& netns, std::uint64_t time_ns) {
  const auto counters = read_both(netns, time_ns);
  return counters ? std::optional(counters->netns) : std::nullopt;
}

std::optional<NetnsReader::Counters> NetnsReader::read_both(const NetnsRef& netns,
                                                            std::uint64_t time_ns) {
  Counters counters{new_record<tw_netns>(time_ns), new_record<tw_conntrack>(time_ns)};
  counters.netns.netns = counters.conntrack.netns = netns.inode;
  if (read_through_process(netns, counters) || read_through_mount(netns, counters)) return counters;
  return std::nullopt;
}

// `net` is a folder such as /proc/1/net. False when it is gone.
bool NetnsReader::read_counters(const std::string& net, Counters& counters) {
  tw_netns& record = counters.netns;
  if (!read_file(net + "/snmp", buffer_) || !parse_mib(buffer_, record)) return false;
  if (!read_file(net + "/netstat", buffer_) || !parse_mib(buffer_, record)) return false;
  if (!read_file(net + "/sockstat", buffer_) || !parse_sockstat(buffer_, record)) return false;
  read_conntrack(net, buffer_, counters.conntrack);  // many kernels have none
  return true;
}

bool NetnsReader::read_through_process(const NetnsRef& netns, Counters& counters) {
  return std::ranges::any_of(netns.pids, [&](std::uint32_t pid) {
    // The process may have moved on, or its pid may be another's: asked after the reading.
    return read_counters(fmt::format("{}/{}/net", proc_, pid), counters) &&
           netns_of_process(pid, proc_) == netns.inode;
  });
}

bool NetnsReader::read_through_mount(const NetnsRef& netns, Counters& counters) {
  if (netns.path.empty()) return false;
  bool read = false;
  const Result<> entered = in_netns(
      NetnsRef{netns.inode, {}, netns.path},
      [&] { read = read_counters(proc_ + "/thread-self/net", counters); }, proc_);
  return entered && read;
}

}  // namespace tcpwatch
