// SPDX-License-Identifier: Apache-2.0
//
// From records to findings: the model, and a judge that hears of every tick. Live, what processes
// are doing is read from /proc for the few that the judge asks about; a capture has none of that,
// and the judge lowers its confidence. One thread.
#pragma once

#include <memory>

#include "diagnosis/judge.h"
#include "events/record.h"
#include "model/filter.h"
#include "model/model.h"

namespace tcpwatch {

enum class Looks { kLive, kReplayed };

// Reads what the judge wants to know of processes, and judges.
const Findings& judge_live(Judge& judge);

class JudgedStream : public RecordSink {
 public:
  JudgedStream(const Thresholds& limits, Filter filter, Looks looks)
      : judge_(limits), filter_(std::move(filter)), looks_(looks) {}

  void on_record(const Record& record) override;

  // Of the last tick: filtered, never null.
  const Snapshot& snapshot() const { return *snapshot_; }
  std::shared_ptr<const Snapshot> shared_snapshot() const { return snapshot_; }
  const Findings& findings() const { return judge_.findings(); }
  // From the next tick on.
  void set_thresholds(const Thresholds& limits) { judge_.set(limits); }
  double watched() const { return judge_.watched(); }

 private:
  Model model_;
  Judge judge_;
  Filter filter_;
  Looks looks_;
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

}  // namespace tcpwatch
