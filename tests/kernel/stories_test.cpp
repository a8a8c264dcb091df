// SPDX-License-Identifier: Apache-2.0
//
// Everything told: each step of each connection in its order, and what a connection's end says of
// its bytes and its owner.
#include <algorithm>
#include <map>

#include "kernel/support/expect.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

using Step = std::pair<int, int>;
using Life = std::vector<Step>;

constexpr std::uint32_t kAll =
    TW_DETAIL_FAILURES | TW_DETAIL_OUTCOMES | TW_DETAIL_CLOSES | TW_DETAIL_TRANSITIONS;

const Life kFirstToClose = {{TW_CLOSE, TW_SYN_SENT},
                            {TW_SYN_SENT, TW_ESTABLISHED},
                            {TW_ESTABLISHED, TW_FIN_WAIT1},
                            {TW_FIN_WAIT1, TW_FIN_WAIT2},
                            {TW_FIN_WAIT2, TW_CLOSE}};
const Life kServedAndLast = {{TW_LISTEN, TW_SYN_RECV},
                             {TW_SYN_RECV, TW_ESTABLISHED},
                             {TW_ESTABLISHED, TW_CLOSE_WAIT},
                             {TW_CLOSE_WAIT, TW_LAST_ACK},
                             {TW_LAST_ACK, TW_CLOSE}};

// The lives of sockets; the kernel gives the same address again, so that a birth begins a new one.
std::map<Life, std::size_t> lives_of(const std::vector<tw_step_record>& steps,
                                     std::uint64_t netns) {
  std::map<std::uint64_t, std::vector<Life>> by_socket;
  for (const tw_step_record& step : steps) {
    if (step.remote.netns != netns || step.role == TW_ROLE_LISTEN) continue;
    auto& lives = by_socket[step.sk];
    const bool birth = step.to == TW_SYN_SENT || step.to == TW_SYN_RECV;
    if (birth || lives.empty()) lives.emplace_back();
    lives.back().emplace_back(step.from, step.to);
  }
  std::map<Life, std::size_t> found;
  for (const auto& [socket, lives] : by_socket)
    for (const Life& life : lives) ++found[life];
  return found;
}

class Stories : public testing::TestWithParam<Family> {
 protected:
  workload::Netns netns;
};

TEST_P(Stories, TellEveryStepInItsOrder) {
  Watch watch(kAll);
  ServeOptions options;
  options.family = GetParam();
  options.connections = 20;
  options.exchange = {Closing::client_first, 10};
  Outcome outcome = serve(netns, options);
  watch.look();
  const std::map<Life, std::size_t> expected = {{kFirstToClose, options.connections},
                                                {kServedAndLast, options.connections}};
  EXPECT_EQ(lives_of(watch.steps, netns.inode()), expected);
  const auto client = static_cast<std::uint64_t>(outcome.party("client").pid());
  std::uint64_t last = 0;
  for (const tw_step_record& step : watch.steps) {
    if (step.remote.netns != netns.inode()) continue;
    EXPECT_GE(step.header.time, last);
    last = step.header.time;
    if (step.role == TW_ROLE_OUT) {
      EXPECT_EQ(step.worker >> 32, client);
    }
    if (step.to == TW_LAST_ACK) {
      EXPECT_EQ(step.worker >> 32, static_cast<std::uint64_t>(outcome.party("server").pid()));
    }
  }
}

TEST_P(Stories, OfClosesTellBytesAndOwner) {
  for (const Closing closing :
       {Closing::client_first, Closing::server_first, Closing::client_reset}) {
    const workload::Netns fresh;
    Watch watch(kAll);
    ServeOptions options;
    options.family = GetParam();
    options.exchange = {closing, 3000};
    Outcome outcome = serve(fresh, options);
    watch.look();
    std::map<std::uint64_t, std::uint64_t> by_pid;
    for (const tw_closed& story : watch.closes_in(fresh.inode())) {
      EXPECT_EQ(story.bytes_in, options.exchange.bytes);
      EXPECT_EQ(story.bytes_out, options.exchange.bytes);
      EXPECT_GT(story.lifetime_ns, 0U);
      const std::uint16_t listening =
          story.role == TW_ROLE_OUT ? story.remote.port : story.local.port;
      EXPECT_EQ(listening, outcome.party("server").listener.port());
      ++by_pid[story.worker >> 32];
    }
    const auto server = static_cast<std::uint64_t>(outcome.party("server").pid());
    const auto client = static_cast<std::uint64_t>(outcome.party("client").pid());
    EXPECT_EQ(by_pid[client], outcome.party("client").counts().closes);
    if (watch.hook("accepts") || closing != Closing::client_reset) {
      EXPECT_EQ(by_pid[server], outcome.party("server").counts().closes);
    }
    std::size_t outcomes = 0;
    for (const tw_connect& story : watch.connects_in(fresh.inode())) {
      EXPECT_EQ(story.reason, static_cast<std::uint32_t>(TW_REASON_NONE));
      EXPECT_EQ(story.worker >> 32, client);
      EXPECT_GT(story.duration_ns, 0U);
      ++outcomes;
    }
    EXPECT_EQ(outcomes, options.connections);
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Stories,
                         testing::Values(Family::v4, Family::v6, Family::mapped));

}  // namespace
}  // namespace tcpwatch::test
