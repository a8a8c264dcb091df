// SPDX-License-Identifier: Apache-2.0
#include "app/stop.h"

#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <cstring>

namespace tcpwatch {

Result<UniqueFd> take_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  sigaddset(&signals, SIGPIPE);  // a closed pipe shows as an error of the write
  if (!fd || ::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0)
    return Error{ErrorKind::kInputOutput,
                 std::string("cannot take over signals: ") + std::strerror(errno), ""};
  return fd;
}

}  // namespace tcpwatch
