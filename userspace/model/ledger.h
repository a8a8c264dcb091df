// SPDX-License-Identifier: Apache-2.0
//
// Where the gains of flows are booked: workers, destinations, routes, listening addresses and the
// sums. A flow opens an account, posts its gains, and closes it; what was booked stays in the rows
// for as long as they live, and in the sums for ever. One thread; times are record times.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "model/gain.h"
#include "model/limits.h"
#include "model/rows.h"

namespace tcpwatch {

// The rows that a flow's gains go to, as far as its role has them and there was room.
struct Account {
  WorkerRow* worker = nullptr;
  DestinationRow* destination = nullptr;
  RouteRow* route = nullptr;
  ListeningRow* listening = nullptr;
  ListeningRow::Acceptor* acceptor = nullptr;  // of it, this flow's worker
  bool complete = false;
  bool folded = false;  // and counted as such
};

class Ledger {
 public:
  explicit Ledger(const ModelLimits& limits);

  // Gets the rows that the account does not have yet. `states` are those of the flow so far.
  void open(Account& account, const tw_flow_key& key, std::string_view comm, const States& states,
            std::uint64_t now);
  void post(const Account& account, tw_role role, const Gain& gain);
  // `states` leave with the flow.
  void close(Account& account, const tw_flow_key& key, const States& states, std::uint64_t now);

  void on_process(const tw_process& process);
  // Where a worker is that is known by its listener alone: it has no flow that would tell.
  void place(tw_worker worker, std::uint32_t netns);
  // A child that takes what its parent listens for is where that is.
  void place_child(std::uint32_t pid, std::uint32_t parent);

  // A look through the socket table, and its parts.
  void on_sample(const tw_sample& sample);
  void on_sockets(const tw_sockets& sockets);
  void on_close_waits(const tw_close_waits& leak);
  void on_ports(const tw_ports& ports);
  void on_inbound(const tw_inbound& inbound);

  // Ends the interval: increments join the totals and are shown in the snapshot.
  void settle(Snapshot& snapshot, std::uint64_t now);
  // Lets rows go whose grace is over.
  void expire(std::uint64_t now);

  ListeningAddresses& listening() { return listening_; }
  std::uint64_t folded() const { return folded_; }
  void count_fold() { ++folded_; }

 private:
  void open_worker(Account& account, const tw_flow_key& key, std::string_view comm,
                   const States& states, std::uint64_t now);
  void open_destination(Account& account, const tw_flow_key& key, const States& states,
                        std::uint64_t now);
  void open_route(Account& account, const tw_flow_key& key);
  void close_listening(ListeningRow& row, const tw_flow_key& key);
  WorkerRow* worker_row(tw_worker worker, std::uint64_t now);
  WorkerRow* row_of_pid(std::uint32_t pid);
  void worker_leaves(const WorkerRow& row);
  States& states_of_all(tw_role role);

  void settle_sums(Snapshot& snapshot);
  void settle_workers(Snapshot& snapshot, std::uint64_t now);
  void settle_destinations(Snapshot& snapshot);
  bool is_shown(tw_worker worker, const RouteRow& route);
  std::vector<Route> settle_routes(DestinationRow& row);
  void expire_routes(std::uint64_t now);
  void settle_accept_routes(Snapshot& snapshot);
  void settle_sample(Snapshot& snapshot, std::uint64_t now) const;
  std::array<Sampled*, 4> sampled_rows(const tw_flow_key& key);

  ModelLimits limits_;
  Workers workers_;
  Destinations destinations_;
  ListeningAddresses listening_;
  std::size_t routes_ = 0;
  bool worker_left_ = false;  // since the last snapshot: its routes go with it
  NextExpiry next_route_expiry_;
  Unowned sum_;      // of all flows; its states without those of the folded flow
  Unowned unowned_;  // its states likewise
  States folded_states_{};
  std::array<std::uint64_t, TW_STEP_COUNT> steps_total_{};
  std::array<std::uint64_t, TW_STEP_COUNT> steps_delta_{};
  std::uint64_t folded_ = 0;
  std::optional<tw_sample> sample_;                   // the last
  std::map<std::uint32_t, std::uint32_t> available_;  // source ports, by namespace
};

}  // namespace tcpwatch
