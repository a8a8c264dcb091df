// SPDX-License-Identifier: Apache-2.0
#include "app/flight.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

#include "app/recorder.h"

namespace tcpwatch {

Flight::Flight(RecordSink& next, std::uint32_t detail)
    : next_(next), recorder_(new_recording(detail)) {}

std::string Flight::dump() {
  const bool fresh = !recorder_.writing();
  if (fresh) path_ = default_capture_name();
  const auto dumped = recorder_.dump(path_);
  if (!dumped) return dumped.error().message;
  return fmt::format("{} {}: the last two minutes, and 30 s more",
                     fresh ? "writing" : "still writing", path_);
}

Result<UniqueFd> take_dump_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd || ::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0)
    return Error{ErrorKind::kInputOutput,
                 std::string("cannot take over SIGUSR1: ") + std::strerror(errno), ""};
  return fd;
}

}  // namespace tcpwatch
