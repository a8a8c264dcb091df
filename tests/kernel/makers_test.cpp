// SPDX-License-Identifier: Apache-2.0
//
// Who made each of many TIME_WAITs, when nobody looks while they are made.
#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <cstdlib>
#include <future>

#include "kernel/support/watch.h"
#include "kernel/workload/churn.h"
#include "tcpwatch/maker_notes.h"

namespace tcpwatch::test {
namespace {

using namespace std::chrono_literals;

class Ignored : public RecordSink {
 public:
  void on_record(const Record&) override {}
};

TracerOptions with_room_for_all() {
  TracerOptions options{.denied = denied_by_environment()};
  options.sizes.makers = 1 << 16;
  return options;
}

// Draining alone keeps a lane from being overwritten: more than it takes, on one CPU.
TEST(Makers, AreKeptWhileNobodyLooks) {
  const workload::Netns netns;
  auto tracer = Tracer::start(with_room_for_all());
  ASSERT_TRUE(tracer);
  const bool emulated = std::getenv("TCPWATCH_TEST_KERNEL") != nullptr;
  workload::Churn churn(netns, {.connections = emulated ? 500U : TW_NOTES + 4000U});
  Ignored nobody;
  auto done = std::async(std::launch::async, [&] { churn.run(); });
  while (done.wait_for(20ms) != std::future_status::ready) (*tracer)->drain(nobody);
  done.get();

  (*tracer)->read_counters(nobody, 0);
  SocketSampler& sockets = (*tracer)->sockets();
  sockets.begin({});
  netns.run_inside([&] { EXPECT_TRUE(sockets.look()); });
  const auto client = static_cast<std::uint64_t>(churn.outcome.party("client 0").pid());
  std::uint64_t known = 0;
  for (const SampledFlow& flow : sockets.take(true).flows)
    if (flow.key.worker >> 32 == client) known += flow.count.time_waits;
  EXPECT_EQ(known, netns.sockets().count(TCP_TIME_WAIT));
}

}  // namespace
}  // namespace tcpwatch::test
