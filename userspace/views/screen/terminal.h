// SPDX-License-Identifier: Apache-2.0
//
// The only part of the screen that touches the terminal: keys in, frames out (ncursesw). One at a
// time, one thread. The terminal is given back as it was by the destructor, and when a signal ends
// the process; SIGWINCH, SIGTSTP and what the mouse does come as readiness of wake_fd().
#pragma once

#include <termios.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "views/screen/frame.h"
#include "views/screen/key.h"

namespace tcpwatch {

// By the locale. Where that says nothing: most likely UTF-8, as every terminal of today. Where it
// says C or POSIX: then it is meant.
bool speaks_unicode();

class Terminal {
 public:
  // Refuses where there is no terminal, or one that cannot move its cursor.
  static Result<std::unique_ptr<Terminal>> open(bool colours);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  int wake_fd() const { return wake_.get(); }
  // All keys that wait, a change of size among them; never blocks.
  std::vector<Key> keys();
  // The terminal has gone (its window was closed).
  bool hung_up() const;
  std::size_t width() const;
  std::size_t height() const;
  void show(const Frame& frame);

 private:
  struct Screen;  // of ncurses

  Terminal() = default;
  Result<> prepare(bool colours);
  void take_signals(std::vector<Key>& keys);
  void suspend();
  void draw_line(const Frame& frame, std::size_t y) const;

  std::unique_ptr<Screen> screen_;
  UniqueFd signals_;
  UniqueFd wake_;
  bool colours_ = false;
  bool unicode_ = false;
  std::optional<Frame> shown_;
};

}  // namespace tcpwatch
