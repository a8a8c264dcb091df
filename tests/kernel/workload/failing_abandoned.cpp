// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <cerrno>
#include <ctime>

#include "kernel/workload/blackhole.h"
#include "kernel/workload/failing.h"

namespace tcpwatch::workload {
namespace {

// Interrupts the process once (no SA_RESTART). Not alarm(): that one bounds its life.
class OneSignal {
 public:
  explicit OneSignal(int after_ms) {
    struct sigaction action{};
    action.sa_handler = [](int) {};
    ::sigaction(SIGUSR1, &action, nullptr);
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    check(::timer_create(CLOCK_MONOTONIC, &event, &timer_), "timer_create");
    itimerspec when{};
    when.it_value.tv_sec = after_ms / 1000;
    when.it_value.tv_nsec = after_ms % 1000 * kMillisecond;
    check(::timer_settime(timer_, 0, &when, nullptr), "timer_settime");
  }
  ~OneSignal() { ::timer_delete(timer_); }
  OneSignal(const OneSignal&) = delete;

 private:
  timer_t timer_{};
};

void expect_error(const Attempt& attempt, int error) {
  if (attempt.error != error) {
    throw WorkloadError("connect: " + errno_name(attempt.error) + ", not " + errno_name(error));
  }
}

Attempt start_and_wait(Actor& actor, const Address& target, int wait_ms) {
  ConnectOptions options;
  options.nonblocking = true;
  Attempt attempt = connect_to(actor, target, options);
  expect_error(attempt, EINPROGRESS);
  if (wait_for(attempt.socket.get(), POLLOUT, Deadline(wait_ms * kMillisecond))) {
    throw WorkloadError("connect to nobody had an outcome");
  }
  return attempt;
}

Attempt start_and_return(Actor& actor, const Address& target, const AbandonOptions& options) {
  if (options.how == GivingUp::signal) {
    const OneSignal signal(options.after_ms);
    Attempt attempt = connect_to(actor, target);
    expect_error(attempt, EINTR);
    return attempt;
  }
  if (options.how == GivingUp::send_timeout) {
    ConnectOptions limited;
    limited.send_timeout_ms = options.after_ms;
    Attempt attempt = connect_to(actor, target, limited);
    expect_error(attempt, EINPROGRESS);
    return attempt;
  }
  Attempt attempt = start_and_wait(actor, target, options.after_ms);
  if (options.how == GivingUp::disconnect) {
    sockaddr nothing{};
    nothing.sa_family = AF_UNSPEC;
    check(::connect(attempt.socket.get(), &nothing, sizeof(nothing)), "connect(AF_UNSPEC)");
  } else if (options.how == GivingUp::shutdown) {
    check(::shutdown(attempt.socket.get(), SHUT_RDWR), "shutdown");
  }
  return attempt;
}

}  // namespace

Outcome abandoned(const Netns& netns, const AbandonOptions& options) {
  Outcome outcome(netns);
  const Blackhole nobody(netns, options.family);
  const Address target = nobody.destination();
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    for (std::size_t i = 0; i < options.connects; ++i) {
      Attempt attempt = start_and_return(actor, target, options);
      abandon(actor, attempt);
    }
  }));
  client.wait_done();
  outcome.extra["port"] = target.port();
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
