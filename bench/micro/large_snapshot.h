// SPDX-License-Identifier: Apache-2.0
//
// A machine with 2,000 workers and 20,000 destinations, most of them busy, as the model gives it.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "model/snapshot.h"

namespace tcpwatch {

inline Traffic traffic(std::uint64_t connects) {
  Traffic made;
  made.connects = made.established_out = connects;
  made.failures[TW_REASON_ECONNREFUSED] = connects / 100;
  for (std::uint32_t bucket = 20; bucket < 32; ++bucket) made.connect.add(bucket, connects);
  for (std::uint32_t bucket = 3; bucket < 8; ++bucket) made.kernel.add(bucket, connects);
  return made;
}

inline Snapshot large_snapshot() {
  Snapshot snapshot;
  snapshot.interval = 1;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Worker row;
    row.id = {1000 + i, 1};
    row.comm = "nginx";
    row.cmdline = "nginx: worker process";
    row.cgroup = "/system.slice/nginx.service";
    row.delta = traffic(i % 300);
    row.states[TW_ESTABLISHED] = i % 500;
    row.fds = Fds{i % 1000, 1024};
    snapshot.workers.push_back(std::move(row));
  }
  for (std::uint32_t i = 0; i < 20000; ++i) {
    Destination row;
    row.address = "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ":6379";
    row.workers = {1000 + i % 2000};
    row.delta = traffic(i % 200);
    const auto counted = std::make_shared<const Traffic>(traffic(i % 200));
    row.routes.push_back({{1000 + i % 2000, 1}, counted, counted, nullptr});
    snapshot.destinations.push_back(std::move(row));
  }
  return snapshot;
}

}  // namespace tcpwatch
