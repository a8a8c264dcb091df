// SPDX-License-Identifier: Apache-2.0
//
// What systemd is told (sd_notify): ready, reloading, stopping, and at every interval that we are
// alive, if it watches. Without NOTIFY_SOCKET nothing is sent. One thread.
#pragma once

#include <string>
#include <string_view>

namespace tcpwatch {

class Supervisor {
 public:
  Supervisor();

  void ready(std::string_view status) const { tell("READY=1\nSTATUS=" + std::string(status)); }
  void reloading() const;
  void stopping() const { tell("STOPPING=1"); }
  void alive() const { tell("WATCHDOG=1"); }

 private:
  void tell(const std::string& state) const;

  std::string path_;
};

}  // namespace tcpwatch
