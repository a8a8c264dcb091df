// SPDX-License-Identifier: Apache-2.0
//
// What /proc adds to the kernel's records: names, limits and descriptors of workers, the counters
// of each network namespace, somaxconn of listeners. Stands between the tracer and the sink, so
// that it knows which workers and namespaces matter. Bounded work per tick. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "app/activity_looks.h"
#include "app/steering_looks.h"
#include "events/batch.h"
#include "events/record.h"
#include "host/netns.h"
#include "host/process.h"
#include "host/sysctl.h"

namespace tcpwatch {

class HostFacts : public RecordSink {
 public:
  explicit HostFacts(RecordSink& next) : next_(next) {}

  // Passes everything on, listeners with their namespace's somaxconn filled in.
  void on_record(const Record& record) override;

  // Namespaces' counters: at the start, for a base, and at each tick.
  void tell_namespaces(std::uint64_t now);
  // New workers, and a share of the known ones.
  void tell_workers(std::uint64_t now);
  // What those do whose queues somebody waits in.
  void tell_activities(std::uint64_t now);
  // Where packets are steered, if all go to one CPU by the last look through the socket table.
  void tell_steering(std::uint64_t now) { steering_.tell(next_, namespaces_.known(), now); }

  const std::vector<NetnsRef>& namespaces() const { return namespaces_.known(); }
  // Those that a flow or a listener was in.
  const std::set<std::uint32_t>& namespaces_met() const { return met_; }
  // Of the namespaces that the records named; null where they cannot be read. Asked once in a
  // while: entering a namespace takes a thread.
  const NetSysctls* settings_of(std::uint32_t netns);

 private:
  void meet(tw_worker worker, std::uint32_t netns);
  void meet_deputy(std::uint32_t pid, std::uint64_t now);
  void tell_conntrack(tw_conntrack record);
  bool knows(std::uint32_t netns) const;

  RecordSink& next_;
  ProcessReader processes_;
  NetnsReader namespaces_;
  ActivityLooks activities_;
  SteeringLooks steering_;
  std::map<tw_worker, tw_process> workers_;
  tw_worker refreshed_ = 0;  // where the round over the known workers stands
  std::map<std::uint32_t, NetSysctls> settings_;
  std::set<std::uint32_t> met_;
  std::uint64_t next_discovery_ = 0;
  bool stranger_ = false;  // a record named a namespace that is not known yet
  RecordBatch batch_;
};

}  // namespace tcpwatch
