// SPDX-License-Identifier: Apache-2.0
#include "model/filter.h"

#include <gtest/gtest.h>

#include "unit/model_stream.h"

namespace tcpwatch::test {
namespace {

constexpr tw_worker kWeb = make_worker(10, 1);
constexpr tw_worker kBatch = make_worker(20, 1);

// web connects to redis and to a database, batch to the database; each has its listener.
std::shared_ptr<const Snapshot> two_programs() {
  Stream stream;
  stream.send(Slot(1, flow_key(TW_ROLE_OUT, kWeb, "10.0.0.5:6379"), "web").connect());
  stream.send(Slot(2, flow_key(TW_ROLE_OUT, kWeb, "10.0.0.6:5432"), "web").connect());
  stream.send(Slot(3, flow_key(TW_ROLE_OUT, kBatch, "10.0.0.6:5432", 2), "batch").connect());
  stream.process(kWeb, true, "web", "/system.slice/web.service");
  stream.process(kBatch, true, "batch", "/system.slice/web.service-batch");
  return stream.tick();
}

std::vector<std::string> comms(const Snapshot& part) {
  std::vector<std::string> names;
  for (const Worker& worker : part.workers) names.push_back(worker.comm);
  return names;
}

std::vector<std::string> addresses(const Snapshot& part) {
  std::vector<std::string> names;
  for (const Destination& destination : part.destinations)
    names.push_back(destination.address + " " + std::to_string(destination.netns));
  return names;
}

using Names = std::vector<std::string>;

TEST(Filter, LetsAllPass) {
  const auto all = two_programs();
  const Snapshot part = filtered(*all, Filter{});
  EXPECT_EQ(comms(part), (Names{"web", "batch"}));
  EXPECT_EQ(part.destinations.size(), 3U);
}

TEST(Filter, KeepsAProcessAndWhatItConnectsTo) {
  Filter filter;
  filter.pids = {10};
  const Snapshot part = filtered(*two_programs(), filter);
  EXPECT_EQ(comms(part), Names{"web"});
  EXPECT_EQ(addresses(part), (Names{"10.0.0.5:6379 1", "10.0.0.6:5432 1"}));
  EXPECT_EQ(part.total.connects, 3U) << "totals are the machine's";
}

TEST(Filter, KeepsANameAPortANamespace) {
  Filter comm;
  comm.comm = "batch";
  EXPECT_EQ(comms(filtered(*two_programs(), comm)), Names{"batch"});
  Filter port;
  port.port = 6379;
  EXPECT_EQ(comms(filtered(*two_programs(), port)), Names{"web"});
  port.port = 79;  // not the end of another number
  EXPECT_EQ(comms(filtered(*two_programs(), port)), Names{});
  Filter netns;
  netns.netns = 2;
  EXPECT_EQ(addresses(filtered(*two_programs(), netns)), Names{"10.0.0.6:5432 2"});
}

TEST(Filter, KeepsACgroupAndThoseUnderIt) {
  Filter filter;
  filter.cgroup = "/system.slice/web.service";
  EXPECT_EQ(comms(filtered(*two_programs(), filter)), Names{"web"}) << "no mere prefix of a name";
  filter.cgroup = "/system.slice";
  EXPECT_EQ(comms(filtered(*two_programs(), filter)), (Names{"web", "batch"}));
  filter.cgroup = "/kubepods";
  EXPECT_TRUE(comms(filtered(*two_programs(), filter)).empty());
}

TEST(Filter, HidesAProcessAndWhatIsOnlyIts) {
  const auto all = two_programs();
  const auto part = without(all, "web");
  EXPECT_EQ(comms(*part), Names{"batch"});
  EXPECT_EQ(addresses(*part), Names{"10.0.0.6:5432 2"});
  EXPECT_EQ(without(all, "java"), all) << "nothing is copied";
}

}  // namespace
}  // namespace tcpwatch::test
