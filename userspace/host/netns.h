// SPDX-License-Identifier: Apache-2.0
//
// The kernel's own TCP counters in every network namespace of the host, as tw_netns records. They
// are read through a process in the namespace, or, where there is none, from inside on a helper
// thread. discover() (3 us a process) is for every few seconds, read() (0.1 ms a namespace) for
// every tick. Holds no descriptors. One thread per reader; reads no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/batch.h"
#include "host/netns_find.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

class NetnsReader {
 public:
  // Where `ip netns` and docker mount theirs. `proc` and `mounts` are for tests.
  static std::vector<std::string> default_mounts() { return {"/run/netns", "/run/docker/netns"}; }
  explicit NetnsReader(std::string proc = "/proc",
                       std::vector<std::string> mounts = default_mounts());

  // Looks for namespaces anew. False: there may be more than were looked at.
  bool discover();
  const std::vector<NetnsRef>& known() const { return known_; }

  // Appends one record for each known namespace, and where it tracks connections a tw_conntrack
  // without its max; says how many of the former. When one cannot be read any
  // more, discovers once, and forgets it if it has vanished. The first call discovers as well.
  std::size_t read(RecordBatch& batch, std::uint64_t time_ns);
  // The counters of one; nothing when it has vanished or may not be seen.
  std::optional<tw_netns> read_one(const NetnsRef& netns, std::uint64_t time_ns);

 private:
  struct Counters {
    tw_netns netns;
    tw_conntrack conntrack;
  };
  std::optional<Counters> read_both(const NetnsRef& netns, std::uint64_t time_ns);
  bool read_counters(const std::string& net, Counters& counters);
  bool read_through_process(const NetnsRef& netns, Counters& counters);
  bool read_through_mount(const NetnsRef& netns, Counters& counters);

  std::string proc_;
  std::vector<std::string> mounts_;
  std::vector<NetnsRef> known_;  // sorted by inode
  std::string buffer_;           // reused
};

}  // namespace tcpwatch
