// SPDX-License-Identifier: Apache-2.0
//
// The screen at work, live or on a replay: takes snapshots and keys as they come, keeps what the
// user has chosen, and draws. Everything it decides is decided by the pure functions of
// views/screen. One thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "diagnosis/judge.h"
#include "model/filter.h"
#include "views/screen/handle.h"
#include "views/screen/render.h"
#include "views/screen/terminal.h"

namespace tcpwatch {

// What a screen cannot do by itself.
struct ScreenControl {
  std::function<void(std::chrono::nanoseconds)> set_interval;
  std::function<std::string()> capture;  // what came of it, in one line
  // Keys that mean something else here, before the screen has them. True: taken.
  std::function<bool(const Key&)> take;
};

class LiveScreen {
 public:
  LiveScreen(Terminal& terminal, Filter filter, const Thresholds& limits,
             std::chrono::nanoseconds interval);

  void on_tick(std::shared_ptr<const Snapshot> snapshot);
  // Keys wait. True: the user wants to leave.
  bool on_keys(const ScreenControl& control);

  // What is on the screen; frozen while the source goes on.
  struct Shown {
    std::shared_ptr<const Snapshot> snapshot = std::make_shared<Snapshot>();
    History history;
    std::vector<FindingLine> findings;
    Scene scene() const { return {*snapshot, history, findings}; }
  };
  // As on_tick() does, but draws nothing; a replay keeps several of what latest() then is.
  void take_in(std::shared_ptr<const Snapshot> snapshot);
  const Shown& latest() const { return latest_; }
  void show(const Shown& shown, const std::string& replay);
  void tell(const std::string& notice);

 private:
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
