// SPDX-License-Identifier: Apache-2.0
//
// From records to snapshots. The model takes cumulative counters per flow and listener, keeps what
// each had counted last, and at every tick makes an immutable Snapshot. It reads no clock: time is
// the records' time, so that a capture gives the very snapshots that were seen live. One thread
// writes; snapshots may be handed to any thread.
//
// Accepts come from two sources. A listener's, and the total's, are derived: handshakes queued
// since the start, less those still queued; right at once on every kernel. A worker's are those
// that were attributed to it, which some kernels tell only when the connection closes or is swept;
// so workers and unowned add up to the total in every counter but this one. A worker without flows
// and no longer alive, a destination or a route without flows leave after 60 s.
#pragma once

#include <cstdint>
#include <memory>

#include "events/record.h"
#include "model/facts.h"
#include "model/flows.h"
#include "model/ledger.h"
#include "model/limits.h"
#include "model/listeners.h"
#include "model/looks.h"
#include "model/namespaces.h"
#include "model/servers.h"

namespace tcpwatch {

class Model : public RecordSink {
 public:
  explicit Model(const ModelLimits& limits = {});
  Model(const Model&) = delete;  // its parts refer to each other
  Model& operator=(const Model&) = delete;

  void on_record(const Record& record) override;

  // Of the last tick; never null, empty before the first.
  std::shared_ptr<const Snapshot> snapshot() const { return snapshot_; }

 private:
  struct Visitor;

  void on_gone(const tw_gone& record);
  void on_listener(const tw_listener_record& record);
  void place_workers();
  void on_tick(const tw_tick& record);

  Ledger ledger_;
  Flows flows_;
  Listeners listeners_;
  Namespaces namespaces_;
  Servers servers_;
  Looks looks_;
  Facts facts_;
  std::uint64_t interval_start_ = 0;  // the last tick, before that the first record; 0: none yet
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

}  // namespace tcpwatch
