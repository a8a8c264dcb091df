// SPDX-License-Identifier: Apache-2.0
#include "host/netns.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "events/make.h"
#include "host/mib.h"
#include "host/netns_enter.h"
#include "host/proc_file.h"

namespace tcpwatch {
namespace {

// `net` is a folder such as /proc/1/net. False when it is gone.
bool read_counters(const std::string& net, std::string& buffer, tw_netns& record) {
  if (!read_file(net + "/snmp", buffer) || !parse_mib(buffer, record)) return false;
  if (!read_file(net + "/netstat", buffer) || !parse_mib(buffer, record)) return false;
  return read_file(net + "/sockstat", buffer) && parse_sockstat(buffer, record);
}

}  // namespace

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
    const auto record = read_one(netns, time_ns);
    if (!record) return false;
    batch.append(*record);
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
  auto record = new_record<tw_netns>(time_ns);
  record.netns = netns.inode;
  if (read_through_process(netns, record) || read_through_mount(netns, record)) return record;
  return std::nullopt;
}

bool NetnsReader::read_through_process(const NetnsRef& netns, tw_netns& record) {
  return std::ranges::any_of(netns.pids, [&](std::uint32_t pid) {
    // The process may have moved on, or its pid may be another's: asked after the reading.
    return read_counters(fmt::format("{}/{}/net", proc_, pid), buffer_, record) &&
           netns_of_process(pid, proc_) == netns.inode;
  });
}

bool NetnsReader::read_through_mount(const NetnsRef& netns, tw_netns& record) {
  if (netns.path.empty()) return false;
  bool read = false;
  const Result<> entered = in_netns(
      NetnsRef{netns.inode, {}, netns.path},
      [&] { read = read_counters(proc_ + "/thread-self/net", buffer_, record); }, proc_);
  return entered && read;
}

}  // namespace tcpwatch
