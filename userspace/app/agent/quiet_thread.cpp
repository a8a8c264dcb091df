// SPDX-License-Identifier: Apache-2.0
#include "app/agent/quiet_thread.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/agent/privileges.h"

namespace tcpwatch {
namespace {

constexpr int kNice = 10;  // whoever floods us with work shall not take the tracer's time

}  // namespace

std::thread start_quiet_thread(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread([body = std::move(body)] {
    give_up_all_capabilities();
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
    body();
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace tcpwatch
