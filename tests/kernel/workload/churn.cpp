// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/churn.h"

#include <netinet/tcp.h>

#include <algorithm>

#include "kernel/workload/cpu.h"
#include "kernel/workload/netlink.h"
#include "kernel/workload/roles.h"

namespace tcpwatch::workload {
namespace {

constexpr std::size_t kPerSource = 10'000;
constexpr std::int64_t kChurnPatience = 280'000 * kMillisecond;  // a process lives 300 s

Address source_of(Family family, std::size_t number) {
  if (family == Family::v6) return {"2001:db8:c::" + std::to_string(number + 1), 0};
  const std::string host = "127.0.1." + std::to_string(number + 1);
  return {family == Family::mapped ? "::ffff:" + host : host, 0};
}

// Both sides go in batches of the same size, so that neither needs an event loop: the server
// answers a whole batch, then waits for its ends.
void serve_batches(Actor& actor, int listener, std::size_t total, std::size_t batch) {
  std::vector<Fd> sockets;
  sockets.reserve(batch);
  for (std::size_t done = 0; done < total; done += sockets.size()) {
    sockets.clear();
    for (std::size_t n = std::min(batch, total - done); n > 0; --n) {
      Fd socket = accept_one(actor, listener);
      receive_bytes(actor, socket.get(), 1);
      send_bytes(actor, socket.get(), 1);
      sockets.push_back(std::move(socket));
    }
    for (Fd& socket : sockets) {
      receive_end(socket.get());
      close_connection(actor, socket);
    }
  }
}

void connect_batches(Actor& actor, const Address& target, const ChurnOptions& options,
                     std::size_t total) {
  std::vector<ConnectOptions> ways(std::max<std::size_t>(options.sources, 1));
  for (std::size_t i = 0; options.sources > 1 && i < ways.size(); ++i) {
    ways[i].source = source_of(options.family, i);
  }
  std::vector<Fd> sockets;
  sockets.reserve(options.concurrency);
  for (std::size_t done = 0; done < total; done += sockets.size()) {
    sockets.clear();
    for (std::size_t n = std::min(options.concurrency, total - done); n > 0; --n) {
      sockets.push_back(connected_to(actor, target, ways[(done + n) % ways.size()]));
      send_bytes(actor, sockets.back().get(), 1);
    }
    for (Fd& socket : sockets) {
      receive_bytes(actor, socket.get(), 1);
      close_connection(actor, socket);
    }
  }
}

ChurnOptions completed(ChurnOptions options) {
  if (options.sources == 0) {
    options.sources = (options.connections / options.pairs + kPerSource - 1) / kPerSource;
  }
  if (options.sources > 250) throw WorkloadError("too many source addresses");
  return options;
}

// All of 127.0.0.0/8 is there already.
void add_sources(const Netns& netns, std::size_t number) {
  netns.run_inside([&] {
    for (std::size_t i = 0; i < number; ++i) {
      add_address("lo", "2001:db8:c::" + std::to_string(i + 1), 128);
    }
  });
}

void add_pair(Outcome& outcome, const ChurnOptions& options, std::size_t pair, std::size_t total) {
  const std::vector<int> cpus = options.spread ? allowed_cpus() : std::vector<int>{-1};
  const int server_cpu = cpus[2 * pair % cpus.size()];
  const int client_cpu = cpus[(2 * pair + 1) % cpus.size()];
  ListenOptions listening;
  listening.backlog = static_cast<int>(options.concurrency) + 1;
  Party& server =
      add_listener(outcome, "server " + std::to_string(pair), Address::listener(options.family),
                   listening, [=](Actor& actor, int listener) {
                     pin_to(server_cpu);
                     serve_batches(actor, listener, total, options.concurrency);
                   });
  const Address target = Address::destination(options.family, server.listener.port());
  outcome.add(Party::start(*outcome.netns, "client " + std::to_string(pair), [=](Actor& actor) {
    pin_to(client_cpu);
    actor.wait_go();
    connect_batches(actor, target, options, total);
  }));
}

}  // namespace

Churn::Churn(const Netns& netns, const ChurnOptions& wanted) : outcome(netns) {
  const ChurnOptions options = completed(wanted);
  netns.set_port_range(10'000, 65'000);
  netns.set_sysctl("net.ipv4.tcp_tw_reuse", "0");
  if (options.family == Family::v6) add_sources(netns, options.sources);
  for (std::size_t i = 0; i < options.pairs; ++i) {
    const std::size_t rest = i < options.connections % options.pairs ? 1 : 0;
    add_pair(outcome, options, i, options.connections / options.pairs + rest);
  }
}

void Churn::run() {
  outcome.before = outcome.netns->counters();
  const std::int64_t start = now_ns();
  for (Party& party : outcome.parties) {
    if (party.role().rfind("client", 0) == 0) party.go();
  }
  for (Party& party : outcome.parties) party.wait_done(kChurnPatience);
  outcome.extra["ns"] = static_cast<std::uint64_t>(now_ns() - start);
  outcome.settle();
}

}  // namespace tcpwatch::workload
