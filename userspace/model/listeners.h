// SPDX-License-Identifier: Apache-2.0
//
// Listening sockets by slot. A slot whose socket, owner or namespace changed holds another
// listener; one that was given back shows in one more snapshot, with its last figures. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "model/limits.h"
#include "model/namespaces.h"
#include "model/overflow_count.h"
#include "model/rows.h"

namespace tcpwatch {

class Listeners {
 public:
  explicit Listeners(const ModelLimits& limits) : limits_(limits) {}

  // False: no room.
  bool on_listener(const tw_listener_record& record);
  void on_gone(const tw_gone& record);

  // Ends the interval; also the snapshot's accepts and overflows in total, which are sums over all
  // listeners that ever were. `polled`: refused SYNs are not counted by a hook; `acks_seen`:
  // drops at the handshake's last packet are, so that the stages can be told apart.
  void settle(Snapshot& snapshot, const ListeningAddresses& addresses, const Namespaces& namespaces,
              bool polled, bool acks_seen);

  std::size_t size() const { return rows_.size(); }

  // Who listens, and in which namespace.
  template <typename Told>
  void each_owner(const Told& told) const {
    for (const auto& [slot, row] : rows_) told(row.now.owner, row.now.address.netns);
  }

 private:
  struct Row {
    tw_listener now{};
    std::uint32_t slot = 0;
    std::size_t gone = 0;  // given back in this interval, as the how manieth
    OverflowCount overflows;
    Listener out;
  };
  using Rows = std::map<std::uint32_t, Row>;
  struct Polled;

  Row& row_in(const tw_listener_record& record);
  void part(Rows::iterator place);
  void settle_drops(const Namespaces& namespaces, bool polled, bool acks_seen);
  void settle_polled(const Namespaces& namespaces, bool acks_seen);
  void settle_row(Row& row, const ListeningAddresses& addresses);
  void name_owners(Row& row, const ListeningRow* acceptors);
  std::uint64_t group_number(std::uint64_t identity);
  std::vector<Row*> all();

  ModelLimits limits_;
  Rows rows_;
  std::vector<Row> leaving_;  // given back in this interval
  std::map<std::uint64_t, std::uint64_t> groups_;
  std::uint64_t last_group_ = 0;
  std::map<tw_endpoint, std::set<tw_worker>, EndpointLess> owners_;  // by address, of this tick
  std::map<std::uint32_t, std::int64_t> early_;  // overflows, by namespace, still without a drop
  std::uint64_t accepts_ = 0;                    // the greater of these two
  std::uint64_t queue_accepts_ = 0;
  std::uint64_t flow_accepts_ = 0;
  Overflows overflows_;
};

}  // namespace tcpwatch
