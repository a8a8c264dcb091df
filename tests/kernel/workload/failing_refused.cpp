// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>

#include "kernel/workload/attempts.h"
#include "kernel/workload/blackhole.h"
#include "kernel/workload/failing.h"

namespace tcpwatch::workload {

void attempt_all(Actor& actor, const Address& target, const FailOptions& options,
                 const ConnectOptions& connect) {
  std::vector<Attempt> under_way;
  ConnectOptions how = connect;
  how.nonblocking = options.nonblocking;
  for (std::size_t i = 0; i < options.connects; ++i) {
    Attempt attempt = connect_to(actor, target, how);
    if (attempt.error == EINPROGRESS) under_way.push_back(std::move(attempt));
  }
  for (const Attempt& attempt : under_way) {
    if (finish_connect(actor, attempt, Deadline()) == EINPROGRESS) {
      throw WorkloadError("connect " + target.text() + " has no outcome");
    }
  }
}

Outcome refused(const Netns& netns, const FailOptions& options) {
  Outcome outcome(netns);
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    const Address silent = Address::listener(options.family);
    const Fd bound(check(::socket(silent.family(), SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    check(::bind(bound.get(), silent.get(), silent.size()), "bind");
    const std::uint16_t port = Address::of_socket(bound.get()).port();
    attempt_all(actor, Address::destination(options.family, port), options);
    actor.park({port});
  }));
  outcome.extra["port"] = static_cast<std::uint64_t>(client.wait_done()[0]);
  outcome.settle();
  return outcome;
}

Outcome timed_out(const Netns& netns, const TimeoutOptions& options) {
  Outcome outcome(netns);
  const Blackhole nobody(netns, options.family);
  const Address target = nobody.destination();
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    ConnectOptions connect;
    connect.user_timeout_ms = options.user_timeout_ms;
    connect.syn_count = options.syn_count;
    const std::int64_t start = now_ns();
    attempt_all(actor, target, options, connect);
    actor.park({now_ns() - start});
  }));
  outcome.extra["port"] = target.port();
  outcome.extra["ns"] = static_cast<std::uint64_t>(client.wait_done()[0]);
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
