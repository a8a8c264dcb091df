// SPDX-License-Identifier: Apache-2.0
//
// The socket table of `tcpwatch sockets` against /proc/net/tcp and tcp6, without any tracer: every
// state, both families, owners, destinations, listeners.
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>

#include "app/socket_survey.h"
#include "kernel/support/expect.h"
#include "kernel/workload/blackhole.h"
#include "kernel/workload/failing.h"
#include "kernel/workload/lasting.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

NetnsRef ref_of(const workload::Netns& netns) {
  return {
      static_cast<std::uint32_t>(netns.inode()), {}, "/proc/self/fd/" + std::to_string(netns.fd())};
}

SocketsView look(const workload::Netns& netns, TableQuery query) {
  query.netns = static_cast<std::uint32_t>(netns.inode());
  query.states &= ~(1U << TW_CLOSE);
  auto survey = SocketSurvey::open(query, ref_of(netns));
  if (!survey) throw WorkloadError(survey.error().message);
  auto view = (*survey)->take();
  if (!view) throw WorkloadError(view.error().message);
  return std::move(*view);
}

SocketsView look(const workload::Netns& netns, tw_table_by by) {
  TableQuery query;
  query.by = by;
  return look(netns, query);
}

const ProcessSockets* process(const SocketsView& view, pid_t pid) {
  const auto found = std::ranges::find_if(view.processes, [&](const ProcessSockets& row) {
    return row.pid == static_cast<std::uint32_t>(pid);
  });
  return found == view.processes.end() ? nullptr : &*found;
}

void expect_states_of_proc(const StateCounts& states, const workload::SocketTable& proc) {
  for (int state = TCP_ESTABLISHED; state <= TCP_CLOSING; ++state)
    EXPECT_EQ(states[static_cast<std::size_t>(state)], proc.count(state)) << state_name(state);
}

// A handshake that is done for the client and, for want of data, half-open for the server.
Party& add_half_open(Outcome& outcome, Family family, std::size_t number) {
  ListenOptions options;
  options.defer_accept_seconds = 60;
  Party& server = add_server(outcome, family, options, [](Actor&, int) {});
  const Address target = Address::destination(family, server.listener.port());
  Party& client = outcome.add(Party::start(*outcome.netns, "halfway", [=](Actor& actor) {
    for (std::size_t i = 0; i < number; ++i) actor.keep(connected_to(actor, target));
  }));
  client.wait_done();
  return client;
}

class Sockets : public testing::TestWithParam<Family> {};

TEST_P(Sockets, EveryStateCountIsThatOfProc) {
  const workload::Netns netns;
  CloseWaitOptions options;
  options.family = GetParam();
  const Outcome leaked = close_wait(netns, options);  // CLOSE_WAIT, FIN_WAIT2, TIME_WAIT
  const Outcome open = exit_with_open_sockets(netns, {.family = GetParam()});
  Outcome half(netns);
  add_half_open(half, GetParam(), 3);
  const Blackhole blackhole(netns, GetParam());
  const Address nowhere = blackhole.destination();
  const Party connecting = Party::start(netns, "connecting", [=](Actor& actor) {
    ConnectOptions connect;
    connect.nonblocking = true;
    Attempt attempt = connect_to(actor, nowhere, connect);
    actor.tell();
    actor.wait_go();
    abandon(actor, attempt);
  });
  netns.wait_for_sockets("half-open and connecting", [](const workload::SocketTable& table) {
    return table.count(TCP_SYN_RECV) == 3 && table.count(TCP_SYN_SENT) == 1;
  });
  const workload::SocketTable proc = netns.sockets();
  for (const int state : {TCP_ESTABLISHED, TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT2, TCP_TIME_WAIT,
                          TCP_CLOSE_WAIT, TCP_LISTEN})
    EXPECT_GT(proc.count(state), 0U) << state_name(state) << ": " << proc.text();

  const SocketsView by_state = look(netns, TW_BY_STATE);
  expect_states_of_proc(by_state.states, proc);
  EXPECT_TRUE(by_state.complete);
  for (const tw_table_by by : {TW_BY_STATE, TW_BY_PROCESS}) {  // the fallback: by iterator alone
    TableQuery query;
    query.by = by;
    query.walk = false;
    expect_states_of_proc(look(netns, query).states, proc);
  }
  const SocketsView list = look(netns, TW_BY_SOCKET);
  expect_states_of_proc(list.states, proc);
  EXPECT_EQ(list.sockets.size(), proc.rows().size());
  // Nothing is shared here: the rows add up to all there is.
  const SocketsView by_process = look(netns, TW_BY_PROCESS);
  StateCounts sum{};
  for (const ProcessSockets& row : by_process.processes)
    for (std::size_t state = 0; state < sum.size(); ++state) sum[state] += row.states[state];
  expect_states_of_proc(sum, proc);
}

TEST_P(Sockets, LeakShowsItsProcessCountAgeAndPeer) {
  const workload::Netns netns;
  CloseWaitOptions options;
  options.family = GetParam();
  options.leaked = 7;
  const std::int64_t begin = now_ns();
  Outcome outcome = close_wait(netns, options);
  const pid_t server = outcome.party("server").pid();

  SocketsView view = look(netns, TW_BY_PROCESS);
  wait_until("the age grows", [&] {
    const ProcessSockets* leaking = process(view, server);
    if (leaking && leaking->activity.close_wait_age > 0.02) return true;
    view = look(netns, TW_BY_PROCESS);
    return false;
  });
  const double longest = static_cast<double>(now_ns() - begin) * 1e-9 + 0.1;
  const ProcessSockets* row = process(view, server);
  ASSERT_TRUE(row);
  EXPECT_EQ(row->states[TW_CLOSE_WAIT], options.leaked);
  EXPECT_EQ(row->comm, outcome.party("server").comm());
  ASSERT_TRUE(row->activity.close_wait_age);
  EXPECT_LE(*row->activity.close_wait_age, longest);
  const std::string host = GetParam() == Family::v6 ? "[::1]:" : "127.0.0.1:";
  EXPECT_TRUE(row->activity.close_wait_peer.starts_with(host)) << row->activity.close_wait_peer;
  EXPECT_FALSE(process(view, outcome.party("client").pid())) << "it closed all of its own";

  TableQuery query;
  query.by = TW_BY_SOCKET;
  query.states = 1U << TW_CLOSE_WAIT;
  query.pids = {static_cast<std::uint32_t>(server)};
  view = look(netns, query);
  ASSERT_EQ(view.sockets.size(), options.leaked);
  for (const OneSocket& socket : view.sockets) {
    ASSERT_EQ(socket.holders.size(), 1U);
    EXPECT_EQ(socket.holders[0].pid, static_cast<std::uint32_t>(server));
  }
}

TEST_P(Sockets, ListenerShowsQueueAndOwner) {
  const workload::Netns netns;
  LeavingOptions options;
  options.family = GetParam();
  Outcome outcome = exit_with_open_sockets(netns, options);
  Party& leaver = outcome.party("leaver");
  const SocketsView view = look(netns, TW_BY_LISTENER);
  ASSERT_EQ(view.listeners.size(), 2U);
  const auto found =
      std::ranges::find(view.listeners, leaver.listener.text(), &ListenerSockets::address);
  ASSERT_NE(found, view.listeners.end());
  EXPECT_EQ(found->queue, options.queued);
  EXPECT_EQ(found->queue_limit, 256U);
  EXPECT_EQ(found->backlog, 256U);
  EXPECT_EQ(found->members, 1U);
  EXPECT_EQ(found->states[TW_ESTABLISHED], options.accepted + options.queued);
  EXPECT_EQ(found->states[TW_LISTEN], 1U);
  EXPECT_EQ(found->owners, std::vector{static_cast<std::uint32_t>(leaver.pid())});

  const SocketsView by_process = look(netns, TW_BY_PROCESS);
  const auto waiting =
      std::ranges::find(by_process.processes, "(not accepted)", &ProcessSockets::comm);
  ASSERT_NE(waiting, by_process.processes.end());
  EXPECT_EQ(waiting->states[TW_ESTABLISHED], options.queued);
  EXPECT_FALSE(waiting->pid);
}

TEST_P(Sockets, DestinationShowsItsPorts) {
  const workload::Netns netns;
  ShortageOptions options;
  options.family = GetParam();
  options.kind = Shortage::held;
  Outcome outcome = address_not_available(netns, options);
  const SocketsView view = look(netns, TW_BY_DESTINATION);
  const std::string address = outcome.party("server").listener.text();
  const auto found = std::ranges::find(view.destinations, address, &DestinationSockets::address);
  ASSERT_NE(found, view.destinations.end()) << address;
  EXPECT_EQ(total_of(found->states), options.ports);
  EXPECT_EQ(found->sources, 1U);
  EXPECT_EQ(found->workers, std::vector{static_cast<std::uint32_t>(outcome.party("client").pid())});
  ASSERT_EQ(view.destinations.size(), 1U) << "accepted connections are no destination";
}

TEST(SocketOwners, AllHoldersOfASharedSocketAreKnownAndADuplicateIsOne) {
  const workload::Netns netns;
  Fd listener;
  netns.run_inside([&] {
    listener = Fd(check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    const Address any = Address::listener(Family::v4);
    check(::bind(listener.get(), any.get(), any.size()), "bind");
    check(::listen(listener.get(), 5), "listen");
  });
  const Fd again(check(::dup(listener.get()), "dup"));
  const pid_t child = check(::fork(), "fork");
  if (child == 0) {
    while (true) ::pause();
  }
  const SocketsView listeners = look(netns, TW_BY_LISTENER);
  const SocketsView processes = look(netns, TW_BY_PROCESS);
  const SocketsView list = look(netns, TW_BY_SOCKET);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);

  std::vector<std::uint32_t> both{static_cast<std::uint32_t>(::getpid()),
                                  static_cast<std::uint32_t>(child)};
  std::ranges::sort(both);
  ASSERT_EQ(listeners.listeners.size(), 1U);
  EXPECT_EQ(listeners.listeners[0].owners, both);
  ASSERT_EQ(processes.processes.size(), 2U);
  for (const std::uint32_t pid : both) {
    const ProcessSockets* row = process(processes, static_cast<pid_t>(pid));
    ASSERT_TRUE(row);
    EXPECT_EQ(total_of(row->states), 1U);
  }
  EXPECT_EQ(total_of(processes.states), 1U) << "still one socket";
  ASSERT_EQ(list.sockets.size(), 1U);
  EXPECT_EQ(list.sockets[0].holders.size(), 2U);
}

TEST(SocketQueries, PartsAreParts) {
  const workload::Netns netns;
  CloseWaitOptions options;
  Outcome outcome = close_wait(netns, options);
  Party& server = outcome.party("server");
  TableQuery query;
  query.pids = {static_cast<std::uint32_t>(server.pid())};
  const SocketsView of_server = look(netns, query);
  EXPECT_EQ(total_of(of_server.states), options.leaked + 1) << "CLOSE_WAIT and the listener";
  query = {};
  query.comm = server.comm();
  EXPECT_EQ(total_of(look(netns, query).states), total_of(of_server.states));
  query = {};
  query.states = 1U << TW_TIME_WAIT;
  EXPECT_EQ(total_of(look(netns, query).states), netns.sockets().count(TCP_TIME_WAIT));
  query = {};
  query.port = server.listener.port();
  EXPECT_EQ(total_of(look(netns, query).states), netns.sockets().rows().size());
  query.port = server.listener.port() == 1 ? 2 : 1;
  EXPECT_EQ(total_of(look(netns, query).states), 0U);
}

TEST(SocketQueries, GivingUpIsSaid) {
  const workload::Netns netns;
  const Outcome outcome = close_wait(netns);
  TableQuery query;
  query.by = TW_BY_PROCESS;
  TableLimits limits;
  limits.files = 3;
  auto table = tcpwatch::SocketTable::load(query, limits);
  ASSERT_TRUE(table) << table.error().message;
  (*table)->restart();
  auto swept = (*table)->sweep_files([](const tw_table_holder&) {});
  ASSERT_TRUE(swept);
  EXPECT_FALSE(*swept);
  EXPECT_EQ((*table)->take_rows().size(), 0U)
      << "the first three files of the machine are no sockets";

  table = tcpwatch::SocketTable::load(query);
  ASSERT_TRUE(table);
  for (int round = 0; round < 2; ++round) {  // a second look starts from nothing
    (*table)->restart();
    swept = (*table)->sweep_files([](const tw_table_holder&) {});
    EXPECT_TRUE(swept && *swept);
    EXPECT_GT((*table)->take_rows().size(), 0U);
    const std::uint32_t* owned = (*table)->run().owned;
    EXPECT_EQ(owned[TW_CLOSE_WAIT] + 0U, CloseWaitOptions{}.leaked);
  }
}

// Descriptors of as many processes as their limits want; behind them all a listener.
std::vector<Party> hold_descriptors(const workload::Netns& netns, std::size_t many) {
  rlimit room{};
  check(::getrlimit(RLIMIT_NOFILE, &room), "getrlimit");
  const std::size_t each = std::min<std::size_t>(room.rlim_max - 100, many);
  std::vector<Party> holders;
  for (std::size_t held = 0; held < many; held += each) {
    holders.push_back(Party::start(netns, "holder", [=](Actor& actor) {
      const rlimit all{room.rlim_max, room.rlim_max};
      check(::setrlimit(RLIMIT_NOFILE, &all), "setrlimit");
      for (std::size_t i = 0; i < each; ++i) check(::dup(STDERR_FILENO), "dup");
      actor.keep(listen_on(actor, Address::listener(Family::v4)));
      actor.tell();
      actor.wait_go();
    }));
    holders.back().wait_told();
  }
  return holders;
}

// As large as fits into a test: some 0.1 s. docs/sockets.md has the figures of ten times that.
TEST(SocketQueries, AHundredThousandDescriptorsAreLookedThroughOrSaidNotToBe) {
  constexpr std::size_t kMany = 100'000;
  const workload::Netns netns;
  std::vector<Party> holders = hold_descriptors(netns, kMany);
  const Party& holder = holders.back();
  TableQuery query;
  query.by = TW_BY_PROCESS;
  const SocketsView whole = look(netns, query);
  EXPECT_TRUE(whole.complete);
  ASSERT_TRUE(process(whole, holder.pid()));
  EXPECT_EQ(process(whole, holder.pid())->states[TW_LISTEN], 1U);
  EXPECT_LT(whole.seconds, 10);

  query.netns = static_cast<std::uint32_t>(netns.inode());
  TableLimits limits;
  limits.files = kMany / 2;
  auto survey = SocketSurvey::open(query, ref_of(netns), limits);
  ASSERT_TRUE(survey) << survey.error().message;
  const auto part = (*survey)->take();
  ASSERT_TRUE(part) << part.error().message;
  EXPECT_FALSE(part->complete);
  ASSERT_FALSE(part->notes.empty());
  EXPECT_EQ(part->notes[0], "gave up after 50000 open files: owners beyond them are missing");
  EXPECT_FALSE(process(*part, holder.pid()));
  const auto unseen = std::ranges::find(part->processes, "(not seen)", &ProcessSockets::comm);
  ASSERT_NE(unseen, part->processes.end()) << "still counted";
  EXPECT_GE(unseen->states[TW_LISTEN], 1U);
  EXPECT_LT(part->seconds, 10);
  for (Party& each : holders) each.kill();
}

INSTANTIATE_TEST_SUITE_P(Families, Sockets,
                         testing::Values(Family::v4, Family::v6, Family::mapped));

}  // namespace
}  // namespace tcpwatch::test
