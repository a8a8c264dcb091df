// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/limits.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <cerrno>

namespace tcpwatch::workload {
namespace {

// No descriptor from `next` on: the lowest free one is what the next call would get.
void allow_only(std::size_t more) {
  const Fd next(check(::dup(STDERR_FILENO), "dup"));
  const rlim_t limit = static_cast<rlim_t>(next.get()) + more;
  const rlimit both{limit, limit};
  check(::setrlimit(RLIMIT_NOFILE, &both), "RLIMIT_NOFILE");
}

void expect_refused(Actor& actor, int result) {
  if (result >= 0 || errno != EMFILE) throw WorkloadError("a descriptor beyond the limit");
  ++actor.counts.no_descriptor;
}

}  // namespace

Outcome out_of_descriptors(const Netns& netns, const LimitOptions& options) {
  Outcome outcome(netns);
  Party& server = add_server(outcome, options.family, {}, [=](Actor& actor, int listener) {
    actor.wait_go();
    allow_only(options.accepted);
    for (std::size_t i = 0; i < options.accepted; ++i) actor.keep(accept_one(actor, listener));
    for (std::size_t i = 0; i < options.refused; ++i) {
      expect_refused(actor, ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
    }
    for (std::size_t i = 0; i < options.sockets; ++i) {
      expect_refused(actor, ::socket(AF_INET, SOCK_STREAM, 0));
    }
  });
  const Address target = Address::destination(options.family, server.listener.port());
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      actor.keep(connected_to(actor, target));
    }
  }));
  client.wait_done();
  server.go();
  server.wait_done();
  outcome.settle();
  return outcome;
}

}  // namespace tcpwatch::workload
