// SPDX-License-Identifier: Apache-2.0
//
// A capture on the screen: goes on by itself, or step by step, back and forth. Snapshots are kept
// as they come, the last kMost of them; a window (--from) begins later. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "app/live_screen.h"
#include "app/replay_options.h"
#include "capture/replay.h"
#include "model/model.h"

namespace tcpwatch {

class ReplayScreen {
 public:
  ReplayScreen(Terminal& terminal, LiveScreen& screen, Replay& source, double speed);

  // Until the user leaves; what was not read is told by the caller.
  Result<> run();

 private:
  static constexpr std::size_t kMost = 3600;

  bool read_one();
  void go_to(std::uint64_t at);
  void next_trouble();
  bool take(const Key& key);
  int wait_ms() const;

  Terminal& terminal_;
  LiveScreen& screen_;
  Replay& source_;
  double speed_;
  Model model_;
  std::deque<LiveScreen::Shown> kept_;
  std::uint64_t first_ = 0;  // number of the first kept one
  std::uint64_t at_ = 0;
  bool ended_ = false;
  bool playing_ = true;
  std::string failure_;
};

}  // namespace tcpwatch
