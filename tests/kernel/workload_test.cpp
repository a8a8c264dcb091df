// SPDX-License-Identifier: Apache-2.0
// The workload's foundations: namespaces, processes, the kernel's books. Its scenarios are checked
// in workload/check_*.cpp. All without a tracer.
#include <dirent.h>
#include <net/if.h>
#include <sys/stat.h>

#include <fstream>

#include "kernel/workload/actor.h"
#include "kernel/workload/check.h"
#include "kernel/workload/netlink.h"
#include "kernel/workload/setting.h"

namespace tcpwatch::workload {
namespace {

std::uint64_t inode_of(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

TEST(WorkloadNetns, IsFreshAndLeavesTheCallerWhereItWas) {
  const std::uint64_t ours = inode_of("/proc/self/ns/net");
  const Netns first;
  const Netns second;
  EXPECT_EQ(inode_of("/proc/self/ns/net"), ours);
  EXPECT_NE(first.inode(), ours);
  EXPECT_NE(first.inode(), second.inode());
  EXPECT_EQ(first.counters()["ActiveOpens"], 0u);
  EXPECT_EQ(first.sockets().text(), "no sockets");
}

TEST(WorkloadNetns, SettingsHoldForOneNamespaceAndOneScope) {
  const Netns one;
  const Netns other;
  const std::string name = "net.ipv4.tcp_syn_retries";
  const std::string before = other.sysctl(name);
  {
    const Setting setting(one, name, "1");
    EXPECT_EQ(one.sysctl(name), "1");
    EXPECT_EQ(other.sysctl(name), before);
  }
  EXPECT_EQ(one.sysctl(name), before);
}

TEST(WorkloadNetns, MisspeltCountersThrow) {
  EXPECT_THROW(Netns().counters()["ActivOpens"], WorkloadError);
}

TEST(WorkloadNetns, MakesAddressesRoutesAndLinks) {
  const Netns near;
  const Netns far;
  near.run_inside([] { add_address("lo", "2001:db8::7", 128); });
  near.run_inside([] { add_route(RouteKind::unreachable, "192.0.2.0", 24); });
  EXPECT_THROW(near.run_inside([] { add_address("no-link", "192.0.2.1", 32); }), WorkloadError);
  try {
    near.run_inside([&] { add_veth("a0", "b0", far.fd()); });
  } catch (const WorkloadError& error) {
    GTEST_SKIP() << "no veth here: " << error.what();
  }
  unsigned index = 0;
  far.run_inside([&] { index = ::if_nametoindex("b0"); });
  EXPECT_NE(index, 0u);
}

TEST(WorkloadParty, LivesInItsNamespaceUnderItsNameUntilReleased) {
  const workload::Netns netns;
  Party party = Party::start(netns, "server", [](Actor& actor) { actor.counts.accepts = 7; });
  party.wait_done();
  const std::string proc = "/proc/" + std::to_string(party.pid());
  std::string comm;
  std::getline(std::ifstream(proc + "/comm") >> std::ws, comm);
  EXPECT_EQ(comm, "tw-server");
  EXPECT_EQ(comm, party.comm());
  EXPECT_EQ(inode_of(proc + "/ns/net"), netns.inode());
  EXPECT_EQ(party.counts().accepts, 7u);
  party.release();
  EXPECT_EQ(inode_of(proc), 0u);
}

TEST(WorkloadParty, DoesNotHoldTheTestsDescriptors) {
  const workload::Netns netns;
  const Fd ours(::dup(0));
  Party party = Party::start(netns, "server", [](Actor&) {});
  party.wait_done();
  const std::string fds = "/proc/" + std::to_string(party.pid()) + "/fd";
  std::size_t above_stderr = 0;
  DIR* folder = ::opendir(fds.c_str());
  ASSERT_NE(folder, nullptr);
  while (const dirent* entry = ::readdir(folder)) {
    above_stderr += std::atoi(entry->d_name) > 2 ? 1 : 0;
  }
  ::closedir(folder);
  EXPECT_EQ(above_stderr, 1u) << "only the line to the test";
}

TEST(WorkloadParty, TellsWhatWentWrong) {
  const workload::Netns netns;
  Party party = Party::start(netns, "server", [](Actor&) { throw WorkloadError("no luck"); });
  try {
    party.wait_done();
    FAIL() << "nothing was thrown";
  } catch (const WorkloadError& error) {
    EXPECT_NE(std::string(error.what()).find("no luck"), std::string::npos) << error.what();
  }
}

TEST(WorkloadParty, IsKilledEvenWhenItHangs) {
  const workload::Netns netns;
  std::string proc;
  {
    Party party = Party::start(netns, "hung", [](Actor&) {
      for (;;) ::pause();
    });
    proc = "/proc/" + std::to_string(party.pid());
    EXPECT_NE(inode_of(proc), 0u);
  }
  EXPECT_EQ(inode_of(proc), 0u);
}

TEST(WorkloadAddress, PrintsAsTheContractSays) {
  EXPECT_EQ(Address("10.0.0.5", 6379).text(), "10.0.0.5:6379");
  EXPECT_EQ(Address("2001:db8::1", 443).text(), "[2001:db8::1]:443");
  EXPECT_EQ(Address("::ffff:10.0.0.5", 80).text(), "10.0.0.5:80");
}

}  // namespace
}  // namespace tcpwatch::workload
