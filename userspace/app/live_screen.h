// SPDX-License-Identifier: Apache-2.0
//
// The live screen at work: takes snapshots and keys as they come, keeps what the user has chosen,
// and draws. Everything it decides is decided by the pure functions of views/screen. One thread.
#pragma once

#include <memory>
#include <vector>

#include "app/live_source.h"
#include "diagnosis/judge.h"
#include "model/filter.h"
#include "views/screen/handle.h"
#include "views/screen/render.h"
#include "views/screen/terminal.h"

namespace tcpwatch {

class LiveScreen {
 public:
  LiveScreen(Terminal& terminal, Filter filter, std::chrono::nanoseconds interval);

  void on_tick(std::shared_ptr<const Snapshot> snapshot);
  // Keys wait. True: the user wants to leave.
  bool on_keys(LiveSource& source);

 private:
  // What is on the screen; frozen while the source goes on.
  struct Shown {
    std::shared_ptr<const Snapshot> snapshot = std::make_shared<Snapshot>();
    History history;
    std::vector<FindingLine> findings;
    Scene scene() const { return {*snapshot, history, findings}; }
  };

  void draw();
  void save();

  Terminal& terminal_;
  Filter filter_;
  Judge judge_;
  ViewState state_;
  Shown latest_;
  Shown shown_;
  Page page_;
  Spots spots_;
};

}  // namespace tcpwatch
