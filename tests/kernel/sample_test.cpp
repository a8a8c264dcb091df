// SPDX-License-Identifier: Apache-2.0
//
// Looks through the socket table beside the tracer: what no step tells, against what the scenarios
// and /proc/net/tcp know. By the walk, and by the iterator alone.
#include <netinet/tcp.h>

#include <algorithm>
#include <map>

#include "kernel/support/expect.h"
#include "kernel/workload/failing.h"
#include "kernel/workload/lasting.h"
#include "kernel/workload/serving.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

std::set<std::string> without_walk() {
  auto denied = denied_by_environment();
  denied.insert("raw_tp");
  return denied;
}

// One each: with the walk, without it.
Watch& watch_of(bool walk) {
  static std::map<bool, std::unique_ptr<Watch>> watches;
  auto& watch = watches[walk];
  if (!watch && walk) return Watch::shared();
  if (!watch) watch = std::make_unique<Watch>(TW_DETAIL_FAILURES, without_walk());
  return *watch;
}

// Looks until a fact is there: the socket table is looked through now and then, and a namespace
// that is new is found within a second.
template <typename Met>
void look_until(Watch& watch, const std::string& what, const Met& met) {
  wait_until(what, [&] { return met(watch.look()); });
}

const SocketFacts* facts_of(const Watch& watch, pid_t pid) {
  const Worker* worker = watch.worker(pid);
  return worker && worker->sockets ? &*worker->sockets : nullptr;
}

class SocketSamples : public testing::TestWithParam<std::tuple<Family, bool>> {
 protected:
  // What happens before the first look nobody sees: it is taken before the scenario begins.
  void SetUp() override { watch().look(); }
  Family family() const { return std::get<0>(GetParam()); }
  Watch& watch() const { return watch_of(std::get<1>(GetParam())); }
};

TEST_P(SocketSamples, RungIsTheExpectedOne) {
  const HookChoice* hook = watch().hook("socket_table");
  ASSERT_TRUE(hook);
  if (!std::get<1>(GetParam())) {
    EXPECT_EQ(hook->mechanism, "iter");
  }
}

TEST_P(SocketSamples, LeakIsDatedByItsFin) {
  const workload::Netns netns;
  CloseWaitOptions options;
  options.family = family();
  options.leaked = 7;
  const std::int64_t begin = now_ns();
  Outcome outcome = close_wait(netns, options);
  const std::int64_t end = now_ns();
  const pid_t server = outcome.party("server").pid();
  look_until(watch(), "the leak", [&](const Snapshot&) {
    const SocketFacts* facts = facts_of(watch(), server);
    return facts && facts->close_waits && facts->close_waits->sockets == options.leaked;
  });
  const double longest = static_cast<double>(now_ns() - begin) * 1e-9 + 0.02;
  const CloseWaits& leak = *facts_of(watch(), server)->close_waits;
  EXPECT_TRUE(leak.exact);
  EXPECT_TRUE(leak.oldest_exact);
  EXPECT_LE(leak.oldest, longest);
  EXPECT_LE(leak.median, leak.oldest);
  const std::string host = family() == Family::v6 ? "[::1]:" : "127.0.0.1:";
  EXPECT_TRUE(leak.peer.starts_with(host)) << leak.peer;

  // Older at the next look, by the time between.
  const double before = leak.oldest;
  look_until(watch(), "a later look", [&](const Snapshot&) {
    return facts_of(watch(), server)->close_waits->oldest > before;
  });
  const double least = static_cast<double>(now_ns() - end) * 1e-9 - 1.5;
  EXPECT_GE(facts_of(watch(), server)->close_waits->oldest, least);
  EXPECT_FALSE(facts_of(watch(), outcome.party("client").pid())->close_waits);

  outcome.release();
  look_until(watch(), "the end of the leak", [&](const Snapshot&) {
    const SocketFacts* facts = facts_of(watch(), server);
    return !facts || !facts->close_waits;
  });
}

TEST_P(SocketSamples, TimeWaitBelongsToItsMaker) {
  const workload::Netns netns;
  ServeOptions options;
  options.family = family();
  options.connections = 11;
  const Outcome first = serve(netns, options);
  options.connections = 6;
  const Outcome second = serve(netns, options);
  const std::size_t all = netns.sockets().count(TCP_TIME_WAIT);
  ASSERT_GE(all, 17U);
  const std::array<std::pair<const Outcome*, std::uint64_t>, 2> made{{{&first, 11}, {&second, 6}}};
  for (const auto& [outcome, number] : made) {
    const Party& client = *std::ranges::find(outcome->parties, "client", &Party::role);
    const Party& server = *std::ranges::find(outcome->parties, "server", &Party::role);
    look_until(watch(), "TIME_WAIT", [&](const Snapshot&) {
      const SocketFacts* facts = facts_of(watch(), client.pid());
      return facts && facts->time_waits == number;
    });
    const SocketFacts* facts = facts_of(watch(), server.pid());
    EXPECT_TRUE(!facts || facts->time_waits == 0) << "the client closed first";
    const Destination* towards = watch().destination(server.listener.text(), netns.inode());
    ASSERT_TRUE(towards && towards->ports);
    EXPECT_EQ(towards->ports->time_waits, number);
    const auto route = std::ranges::find_if(towards->routes, [&](const Route& row) {
      return row.worker.pid == static_cast<std::uint32_t>(client.pid());
    });
    ASSERT_NE(route, towards->routes.end());
    EXPECT_EQ(route->time_waits(), number);
  }
}

TEST_P(SocketSamples, PortsOfADestinationAreThoseOfItsRange) {
  const workload::Netns netns;
  ShortageOptions options;
  options.family = family();
  Outcome outcome = address_not_available(netns, options);
  // The scenario has put its range back; what it took of it is still taken.
  const Setting range(netns, "net.ipv4.ip_local_port_range", "10000 10007");
  const std::string address = outcome.party("server").listener.text();
  look_until(watch(), "ports", [&](const Snapshot&) {
    const Destination* towards = watch().destination(address, netns.inode());
    return towards && towards->ports && towards->ports->available == options.ports &&
           towards->ports->used != 0;
  });
  const Ports& ports = *watch().destination(address, netns.inode())->ports;
  EXPECT_EQ(ports.used, options.ports);
  EXPECT_EQ(ports.sources, 1U);
  EXPECT_EQ(ports.time_waits, 0U);
  EXPECT_EQ(ports.exhausted_in, 0) << "none is left";
}

TEST_P(SocketSamples, WaitForAFirstByteIsSeenUntilItComes) {
  const workload::Netns netns;
  Outcome outcome(netns);
  Party& server = add_server(outcome, family(), {}, [](Actor& actor, int listener) {
    Fd connection = accept_one(actor, listener);
    actor.tell();
    actor.wait_go();
    send_bytes(actor, connection.get(), 1);
    actor.keep(std::move(connection));
  });
  const Address target = Address::destination(family(), server.listener.port());
  const std::int64_t begin = now_ns();
  Party& client = outcome.add(Party::start(netns, "client", [=](Actor& actor) {
    Fd connection = connected_to(actor, target);
    send_bytes(actor, connection.get(), 1);
    actor.tell();
    receive_bytes(actor, connection.get(), 1);
    actor.keep(std::move(connection));
  }));
  client.wait_told();
  server.wait_told();
  look_until(watch(), "the wait", [&](const Snapshot&) {
    const SocketFacts* facts = facts_of(watch(), client.pid());
    return facts && facts->waiting == 1 && facts->waiting_since > 0.05;
  });
  const SocketFacts& facts = *facts_of(watch(), client.pid());
  EXPECT_EQ(facts.active, 1U);
  EXPECT_EQ(facts.idle, 0U);
  EXPECT_LE(facts.waiting_since, static_cast<double>(now_ns() - begin) * 1e-9 + 0.02);
  EXPECT_EQ(facts.waiting_for, server.listener.text());
  EXPECT_EQ(facts_of(watch(), server.pid())->waiting, 0U) << "who was called does not wait";
  server.go();
  look_until(watch(), "its end",
             [&](const Snapshot&) { return facts_of(watch(), client.pid())->waiting == 0; });
}

TEST_P(SocketSamples, CostBoundsTheInterval) {
  // Where a machine's clock is not to be trusted, the kernel counts CPU time in ticks: then most
  // looks cost nothing, and one now and then a tick.
  Sample sample;
  look_until(watch(), "a look that costs something", [&](const Snapshot& snapshot) {
    if (snapshot.sample) sample = *snapshot.sample;
    return sample.cost > 0;
  });
  constexpr double kRounding = 1e-9;  // both were whole nanoseconds
  EXPECT_GE(sample.interval, 200 * sample.cost * (1 - kRounding));
  EXPECT_TRUE(sample.whole);
  EXPECT_LT(sample.age, sample.interval + 10);
}

INSTANTIATE_TEST_SUITE_P(Families, SocketSamples,
                         testing::Combine(testing::Values(Family::v4, Family::v6, Family::mapped),
                                          testing::Bool()));

}  // namespace
}  // namespace tcpwatch::test
