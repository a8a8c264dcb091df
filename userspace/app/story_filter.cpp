// SPDX-License-Identifier: Apache-2.0
#include "app/story_filter.h"

#include "app/cgroup_members.h"

namespace tcpwatch {

TraceFilter story_filter(const Filter& part) {
  TraceFilter filter;
  filter.pids = {part.pids.begin(), part.pids.end()};
  if (!part.comm.empty()) filter.comm = part.comm;
  filter.port = part.port;
  filter.netns = part.netns;
  return filter;
}

TraceFilter live_story_filter(const Filter& part) {
  TraceFilter filter = story_filter(part);
  if (part.cgroup.empty()) return filter;
  const auto members = std::make_shared<CgroupMembers>(part.cgroup);
  filter.worker = [members](tw_worker worker) { return members->has(worker); };
  return filter;
}

}  // namespace tcpwatch
