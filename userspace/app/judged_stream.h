// SPDX-License-Identifier: Apache-2.0
//
// From records to findings: the model, and a judge that hears of every tick. The same live and of a
// capture. One thread.
#pragma once

#include <memory>

#include "diagnosis/judge.h"
#include "events/record.h"
#include "model/filter.h"
#include "model/model.h"

namespace tcpwatch {

class JudgedStream : public RecordSink {
 public:
  JudgedStream(const Thresholds& limits, Filter filter)
      : judge_(limits), filter_(std::move(filter)) {}

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
  std::shared_ptr<const Snapshot> snapshot_ = std::make_shared<Snapshot>();
};

}  // namespace tcpwatch
