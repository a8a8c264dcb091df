// SPDX-License-Identifier: Apache-2.0
//
// The rows of the model's tables. `shown` is the row as the last snapshot had it, totals included;
// increments since then are in `delta`. A row that nothing happened to is shown again as it is.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/aging_table.h"
#include "model/snapshot.h"
#include "model/trend.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {

// What the last look through the socket table told of a row.
struct Sampled {
  enum class Told { kNever, kNothing, kSomething };
  Told told = Told::kNever;
  SocketFacts facts;
  Histogram ages;  // of CLOSE_WAIT, in units of 2^TW_AGE_SHIFT ns

  std::optional<SocketFacts> shown() const {
    return told == Told::kNever ? std::nullopt : std::optional(facts);
  }
  bool shown_as(const std::optional<SocketFacts>& before) const {
    return before ? told != Told::kNever && *before == facts : told == Told::kNever;
  }
};

// Source ports with what their forecast needs.
struct PortsRow {
  std::optional<Ports> ports;
  Trend taken{10'000'000'000, 400'000'000};
  Trend living{10'000'000'000, 400'000'000};  // of them, not TIME_WAIT
  Trend opened{10'000'000'000, 400'000'000};

  void forget_trends() {
    taken.clear();
    living.clear();
    opened.clear();
  }
};

struct WorkerRow {
  Worker about;  // all but the counters and states
  Sampled sampled;
  Trend leaking{60'000'000'000, 5'000'000'000};  // sockets in CLOSE_WAIT
  std::shared_ptr<const Worker> shown = std::make_shared<Worker>();
  Traffic delta;
  std::vector<StepCount> steps;
  States states{};
  Tenure tenure;
  bool changed = true;
  bool looked_at = false;  // by a sample, in this interval: it may have found what is shown already
};

struct RouteRow {
  std::shared_ptr<const Traffic> total = std::make_shared<Traffic>();
  Traffic delta;
  Tenure tenure;
  bool counted = false;
  std::shared_ptr<Sampled> sampled;      // null: nothing; snapshots may share it
  std::shared_ptr<const Sampled> shown;  // as the last snapshot has it
};

struct DestinationRow {
  std::shared_ptr<const Destination> shown = std::make_shared<Destination>();
  Traffic delta;
  States states{};
  Tenure tenure;
  bool changed = true;
  bool looked_at = false;  // as of a worker
  Sampled sampled;
  PortsRow ports;
  std::map<tw_worker, RouteRow> routes;
};

// An address that workers accept from; it may have several listeners (SO_REUSEPORT).
struct ListeningRow {
  struct Acceptor {
    std::uint32_t flows = 0;
    std::uint64_t accepts = 0;  // in this interval
  };
  std::map<tw_worker, Acceptor> acceptors;
  std::string name;  // once it was needed
  Histogram wait_delta;
  Sampled sampled;
};

struct EndpointLess {
  bool operator()(const tw_endpoint& a, const tw_endpoint& b) const {
    if (a.netns != b.netns) return a.netns < b.netns;
    const int order = std::memcmp(a.address, b.address, sizeof a.address);
    return order != 0 ? order < 0 : a.port < b.port;
  }
};

using Workers = AgingTable<tw_worker, WorkerRow>;
using Destinations = AgingTable<tw_endpoint, DestinationRow, EndpointLess>;
using ListeningAddresses = std::map<tw_endpoint, ListeningRow, EndpointLess>;

}  // namespace tcpwatch
