// SPDX-License-Identifier: Apache-2.0
//
// The patient's chart: the last seconds of whoever does anything, in compact samples, next to the
// latest snapshot. Fed with every snapshot and with what was seen of single processes; its time is
// the snapshots'. Rules read it and nothing else. Bounded: who is quiet for a window leaves.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "diagnosis/track.h"
#include "model/snapshot.h"

namespace tcpwatch {

struct ListenerSample : Look {
  std::uint64_t accepts = 0;
  std::uint64_t syn = 0;
  std::uint64_t ack = 0;
  std::uint32_t queue_now = 0;
  std::uint32_t queue_peak = 0;
  std::uint32_t queue_limit = 0;
  std::uint32_t half_open = 0;
  double wait = -1;  // median until accept(); below 0: not known
  double held = -1;  // accepted connections now, of the whole address; below 0: not known

  std::uint64_t drops() const { return syn + ack; }
  bool full() const { return queue_now > queue_limit; }
};

struct WorkerSample : Look {
  std::uint64_t accepts = 0;
  std::uint64_t opened = 0;  // accepted and connected
  std::uint64_t closes = 0;
  std::uint64_t refused = 0;  // calls, for want of a descriptor
  std::uint64_t turned_away = 0;
  double searching = 0;       // seconds in the port search of connect()
  std::uint64_t slow = 0;     // clients that hardly send
  std::uint64_t sampled = 0;  // connections, by the same look
  std::int64_t established = 0;
  std::int64_t close_wait = 0;
  std::int64_t fin_wait2 = 0;

  bool troubled() const { return refused + turned_away != 0; }
};

struct DestinationSample : Look {
  std::uint64_t connects = 0;
  std::uint64_t established_out = 0;
  std::array<std::uint32_t, TW_REASONS> failures{};
  bool failed = false;  // any of them
  std::uint64_t searches = 0;
  double searching = 0;        // seconds
  double search = -1;          // median; below 0: none
  double gave_up = -1;         // median time to a failure
  std::int64_t under_way = 0;  // SYN_SENT now
  std::int64_t established = 0;
  double ports = 0;              // share of the source ports that are used
  double exhausted_in = -1;      // seconds; below 0: not in sight
  std::uint64_t unanswered = 0;  // established, has sent and never received
  double unanswered_for = 0;     // the longest of them, seconds

  bool troubled() const { return failed; }
};

struct NetnsSample : Look {
  std::uint32_t time_wait = 0;
  std::uint64_t cookies_sent = 0;
  std::uint64_t cookies_received = 0;
  std::uint64_t syn_queue_drops = 0;
  double tracked = 0;  // share of the connection-tracking table
  std::uint64_t untracked_drops = 0;
};

struct ActivitySample : Look {
  Activity seen;
};

struct ServerSample : Look {
  std::uint64_t accepts = 0;
  std::uint64_t handled = 0;

  std::uint64_t lost() const { return accepts > handled ? accepts - handled : 0; }
};

class Chart {
 public:
  // Sockets that share an address are told apart by their order.
  using ListenerKey = std::tuple<std::uint32_t, std::string, std::size_t>;
  using Place = std::pair<std::uint32_t, std::string>;  // namespace, address

  template <typename Row, typename T>
  struct Entry {
    const Row* row = nullptr;  // in the latest snapshot; null: it has left
    Track<T> track;
  };
  using Listeners = std::map<ListenerKey, Entry<Listener, ListenerSample>>;
  using Workers = std::map<WorkerId, Entry<Worker, WorkerSample>>;
  using DestinationEntry = Entry<Destination, DestinationSample>;
  using Destinations = std::map<Place, DestinationEntry>;
  using Namespaces = std::map<std::uint32_t, Entry<Netns, NetnsSample>>;
  using Servers = std::map<Place, Entry<Server, ServerSample>>;
  using Activities = std::map<std::uint32_t, Track<ActivitySample>>;

  void add(std::shared_ptr<const Snapshot> snapshot, double window);

  const Snapshot& snapshot() const { return *snapshot_; }
  double now() const { return now_; }
  double watched() const { return now_; }  // seconds, in all
  const Listeners& listeners() const { return listeners_; }
  const Workers& workers() const { return workers_; }
  const Destinations& destinations() const { return destinations_; }
  const Namespaces& namespaces() const { return namespaces_; }
  const Servers& servers() const { return servers_; }

  // Of a process; null: nothing is known.
  const Worker* worker(std::uint32_t pid) const;
  // The same for its name's sake: also of one that is quiet or has ended.
  const Worker* last_of(std::uint32_t pid) const;
  const Track<WorkerSample>* worker_track(std::uint32_t pid) const;
  const Track<ActivitySample>* activity(std::uint32_t pid) const;
  // Its children of the same name: the workers of a master that listens and forks.
  std::vector<std::uint32_t> children(std::uint32_t pid) const;

 private:
  void add_listeners(double window);
  void add_workers(double window);
  void add_destinations(double window);
  DestinationEntry* destination_at(std::size_t row, const Destination& destination);
  void add_namespaces(double window);
  void add_servers(double window);
  void add_activities(double window);

  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
  double now_ = 0;
  Listeners listeners_;
  Workers workers_;
  Destinations destinations_;
  std::vector<Destinations::value_type*> destination_rows_;  // those of the last snapshot
  Namespaces namespaces_;
  Servers servers_;
  Activities activities_;
  std::map<std::uint32_t, std::uint32_t> parents_;  // of processes in activities_
};

}  // namespace tcpwatch
