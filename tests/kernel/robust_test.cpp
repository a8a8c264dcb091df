// SPDX-License-Identifier: Apache-2.0
//
// The tracer as a guest on the machine: it does not disturb another one, leaves nothing behind,
// and takes up room only while it lives.
#include <dirent.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "kernel/support/expect.h"
#include "kernel/workload/limits.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

// The ids of the BPF objects of one kind ("prog_id", "link_id", "map_id") that this process holds.
std::set<std::uint32_t> held(const std::string& kind) {
  std::set<std::uint32_t> ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream lines(entry.path());
    std::string key;
    std::uint32_t value = 0;
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      if (words >> key >> value && key == kind + ":") ids.insert(value);
    }
  }
  return ids;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

// No library in between: what the kernel itself says.
Fd object_of(int command, std::uint32_t id) {
  union bpf_attr attributes{};
  attributes.prog_id = id;  // the same place for links and maps
  return Fd(static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof(attributes))));
}

bool alive(int command, std::uint32_t id) { return static_cast<bool>(object_of(command, id)); }

// Without types a program works, but starts slower and is anonymous to bpftool and perf.
bool has_types(std::uint32_t program) {
  const Fd fd = object_of(BPF_PROG_GET_FD_BY_ID, program);
  bpf_prog_info info{};
  union bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<std::uint32_t>(fd.get());
  attributes.info.info_len = sizeof(info);
  attributes.info.info = reinterpret_cast<std::uintptr_t>(&info);
  return ::syscall(SYS_bpf, BPF_OBJ_GET_INFO_BY_FD, &attributes, sizeof(attributes)) == 0 &&
         info.btf_id != 0;
}

TEST(Robust, NothingIsLeftBehind) {
  Watch::shared();  // its own descriptors, and what the library opens once, are not counted
  const auto programs = held("prog_id");
  const auto links = held("link_id");
  const auto maps = held("map_id");
  const std::size_t descriptors = open_descriptors();
  std::set<std::uint32_t> new_programs, new_links, new_maps;
  {
    const Watch watch;
    const auto fresh = [](const std::set<std::uint32_t>& now, const std::set<std::uint32_t>& was) {
      std::set<std::uint32_t> added;
      std::ranges::set_difference(now, was, std::inserter(added, added.end()));
      return added;
    };
    new_programs = fresh(held("prog_id"), programs);
    new_links = fresh(held("link_id"), links);
    new_maps = fresh(held("map_id"), maps);
    EXPECT_GE(new_programs.size(), 3U);
    EXPECT_GE(new_maps.size(), 8U);
    for (const std::uint32_t id : new_programs) EXPECT_TRUE(alive(BPF_PROG_GET_FD_BY_ID, id));
    for (const std::uint32_t id : new_programs)
      EXPECT_TRUE(has_types(id)) << "the kernel refused the BTF of our objects";
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  // The kernel frees some time after the last descriptor is closed.
  for (const std::uint32_t id : new_programs)
    wait_until("program " + std::to_string(id) + " is freed",
               [&] { return !alive(BPF_PROG_GET_FD_BY_ID, id); });
  for (const std::uint32_t id : new_links)
    wait_until("link " + std::to_string(id) + " is freed",
               [&] { return !alive(BPF_LINK_GET_FD_BY_ID, id); });
  for (const std::uint32_t id : new_maps)
    wait_until("map " + std::to_string(id) + " is freed",
               [&] { return !alive(BPF_MAP_GET_FD_BY_ID, id); });
}

void expect_served(Watch& watch, Outcome& outcome) {
  watch.look();
  const Worker* server = watch.worker(outcome.party("server").pid());
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(server && client);
  EXPECT_EQ(server->total.accepts, outcome.party("server").counts().accepts);
  EXPECT_EQ(server->total.closes, outcome.party("server").counts().closes);
  EXPECT_EQ(client->total.connects, outcome.party("client").counts().connects);
  EXPECT_EQ(client->total.closes, outcome.party("client").counts().closes);
  expect_nothing_negative(watch.look());
}

TEST(Robust, TwoAtOnceDoNotDisturbEachOther) {
  const workload::Netns netns;
  Watch first;
  Outcome before = serve(netns);
  {
    Watch second(TW_DETAIL_FAILURES | TW_DETAIL_CLOSES);
    Outcome both = serve(netns);
    expect_served(first, both);
    expect_served(second, both);
    EXPECT_EQ(second.closes_in(netns.inode()).size(), both.total().closes);
    EXPECT_TRUE(first.closes.empty());
    const Worker* older = second.worker(before.party("server").pid());
    EXPECT_TRUE(!older || older->total.accepts == 0) << "that was before its time";
  }
  Outcome after = serve(netns);
  expect_served(first, after);
  expect_served(first, before);
}

TEST(Robust, RefusedAcceptsAreNone) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  const LimitOptions options;
  Outcome outcome = out_of_descriptors(netns, options);
  watch.look();
  const Worker* server = watch.worker(outcome.party("server").pid());
  ASSERT_TRUE(server);
  expect_attributed(watch, server->total.accepts, options.accepted, "accepts");
  const std::string address = outcome.party("server").listener.text();
  const Listener* listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, options.accepted);
    EXPECT_EQ(listener->queue_now, options.connections - options.accepted);
  }
  EXPECT_EQ(listener->overflows_total.syn + listener->overflows_total.ack, 0U);
}

TEST(Robust, CallsRefusedForWantOfADescriptorAreCounted) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  const LimitOptions options;
  Outcome outcome = out_of_descriptors(netns, options);
  watch.look();
  const Worker* server = watch.worker(outcome.party("server").pid());
  ASSERT_TRUE(server);
  const bool watched = watch.hook("fd_refusals") != nullptr;
  EXPECT_EQ(server->total.fd_refusals[TW_REFUSED_ACCEPT_EMFILE], watched ? options.refused : 0);
  EXPECT_EQ(server->total.fd_refusals[TW_REFUSED_SOCKET_EMFILE], watched ? options.sockets : 0);
  EXPECT_EQ(server->total.connect_failures(), 0U) << "they are no connects";
}

}  // namespace
}  // namespace tcpwatch::test
