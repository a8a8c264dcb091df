// SPDX-License-Identifier: Apache-2.0
//
// What the agent says: JSON Lines on standard error, which systemd's journal takes as they are. One
// line when a finding begins, one when it has ended; the agent's own news likewise. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "diagnosis/finding.h"

namespace tcpwatch {

class Journal {
 public:
  // Lines of findings are handed to `also`, too.
  explicit Journal(std::function<void(std::string_view)> also = {}) : also_(std::move(also)) {}

  void info(std::string_view message) { say("info", message); }
  void warn(std::string_view message) { say("warning", message); }
  // After each interval.
  void tell(const Findings& findings, std::uint64_t realtime_ns);

 private:
  void say(std::string_view level, std::string_view message);
  void write(std::string line);
  static std::string line(std::string_view event, const Finding& finding,
                          std::uint64_t realtime_ns);

  std::function<void(std::string_view)> also_;
  Findings active_;
  bool torn_ = false;  // the last line has no end
};

}  // namespace tcpwatch
