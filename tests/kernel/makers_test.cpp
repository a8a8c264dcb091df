// SPDX-License-Identifier: Apache-2.0
//
// Who made each of many TIME_WAITs, when nobody looks while they are made.
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <map>

#include "base/fixed_text.h"
#include "base/worker.h"
#include "kernel/support/watch.h"
#include "kernel/workload/churn.h"
#include "kernel/workload/party.h"
#include "kernel/workload/serving.h"
#include "tcpwatch/maker_notes.h"

namespace tcpwatch::test {
namespace {

using namespace std::chrono_literals;

// Steps that the kernel skipped for good, as told: a socket whose last one was skipped has no
// maker.
class Skipped : public RecordSink {
 public:
  void on_record(const Record& record) override {
    if (const auto* const* hook = std::get_if<const tw_hook*>(&record))
      if (text_of((*hook)->signal) == "states") steps_ = (*hook)->skipped;
  }
  std::uint64_t steps() const { return steps_; }

 private:
  std::uint64_t steps_ = 0;
};

// As in Watch: an emulated machine is interrupted inside our programs all the time, and a step that
// the kernel skips there notes no maker.
const bool kEmulated = std::getenv("TCPWATCH_TEST_KERNEL") != nullptr;

TracerOptions with_room_for_all() {
  TracerOptions options{.denied = denied_by_environment(), .look_again = kEmulated};
  options.sizes.makers = 1 << 16;
  return options;
}

// Draining alone keeps a lane from being overwritten: more than it takes, on one CPU.
TEST(Makers, AreKeptWhileNobodyLooks) {
  const workload::Netns netns;
  auto tracer = Tracer::start(with_room_for_all());
  ASSERT_TRUE(tracer);
  workload::Churn churn(netns, {.connections = kEmulated ? 500U : TW_NOTES + 4000U});
  Skipped skipped;
  auto done = std::async(std::launch::async, [&] { churn.run(); });
  while (done.wait_for(20ms) != std::future_status::ready) (*tracer)->drain(skipped);
  done.get();

  (*tracer)->read_counters(skipped, 0);
  SocketSampler& sockets = (*tracer)->sockets();
  sockets.begin({});
  netns.run_inside([&] { EXPECT_TRUE(sockets.look()); });
  const auto client = static_cast<std::uint64_t>(churn.outcome.party("client 0").pid());
  std::uint64_t known = 0;
  for (const SampledFlow& flow : sockets.take(true).flows)
    if (flow.key.worker >> 32 == client) known += flow.count.time_waits;
  const std::uint64_t made = netns.sockets().count(TCP_TIME_WAIT);
  EXPECT_LE(known, made);
  EXPECT_GE(known + skipped.steps(), made);
}

// Whose the slots of counters are.
class Slots : public RecordSink {
 public:
  void on_record(const Record& record) override {
    if (const auto* const* flow = std::get_if<const tw_flow_record*>(&record))
      owners_[(*flow)->slot] = (*flow)->flow.key.worker;
    if (const auto* const* gone = std::get_if<const tw_gone*>(&record))
      if ((*gone)->header.kind == TW_KIND_FLOW_GONE) owners_.erase((*gone)->slot);
  }
  bool any_of(pid_t pid) const {
    return std::ranges::any_of(owners_, [&](const auto& slot) {
      return worker_pid(slot.second) == static_cast<std::uint32_t>(pid);
    });
  }

 private:
  std::map<std::uint32_t, tw_worker> owners_;
};

// A dead worker's slot comes back within seconds, unless a TIME_WAIT still refers to it: that one
// would be told as the next owner's.
TEST(Makers, KeepTheirSlotsWhileTheirTimeWaitsLast) {
  const workload::Netns netns;
  // Without the walk a namespace is looked into as long as a process is in it.
  const auto keeper = workload::Party::start(netns, "keeper", [](workload::Actor&) {});
  auto tracer = Tracer::start({.denied = denied_by_environment()});
  ASSERT_TRUE(tracer);
  LiveSource source(**tracer, 50ms, -1, [] { return false; });
  Slots slots;
  ASSERT_TRUE(source.advance(slots));
  pid_t server = 0, client = 0;
  {
    workload::Outcome outcome = workload::serve(netns, {.connections = 5});
    server = outcome.party("server").pid();
    client = outcome.party("client").pid();
    ASSERT_TRUE(source.advance(slots));
    EXPECT_TRUE(slots.any_of(server) && slots.any_of(client));
  }
  workload::wait_until("the dead server's slots are free",
                       [&] { return source.advance(slots) && !slots.any_of(server); });
  EXPECT_EQ(netns.sockets().count(TCP_TIME_WAIT), 5U);
  EXPECT_TRUE(slots.any_of(client)) << "its TIME_WAITs are counted there";
}

}  // namespace
}  // namespace tcpwatch::test
