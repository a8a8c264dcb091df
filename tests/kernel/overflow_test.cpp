// SPDX-License-Identifier: Apache-2.0
//
// Drops of full accept queues, by listener and stage, against the kernel's own ListenOverflows.
#include "kernel/workload/overflow.h"

#include <memory>

#include "kernel/support/expect.h"
#include "kernel/workload/roles.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

struct Case {
  bool at_ack;
  Family family;
  std::size_t listeners;
  int cookies;
  std::size_t late = 0;
};

// One namespace for all cases, and somebody in it before the tracer starts: where SYN drops are
// polled, they are told from others by the namespace's counters, which need a base.
struct Stage {
  workload::Netns netns;
  Party idle = Party::start(netns, "idle", [](Actor&) {});
  Watch watch;
};

class Overflow : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() { current_stage = std::make_unique<Stage>(); }
  static void TearDownTestSuite() { current_stage.reset(); }

  workload::Netns& netns() { return current_stage->netns; }
  Watch& watch() { return current_stage->watch; }

  Outcome overflow(int backlog) {
    watch().look();
    if (GetParam().at_ack) {
      AckOverflowOptions options;
      options.family = GetParam().family;
      options.listeners = GetParam().listeners;
      options.syn_cookies = GetParam().cookies;
      options.late = GetParam().late;
      options.backlog = backlog;
      options.hold_ms = 300;
      return overflow_ack(netns(), options);
    }
    SynOverflowOptions options;
    options.family = GetParam().family;
    options.listeners = GetParam().listeners;
    options.syn_cookies = GetParam().cookies;
    options.backlog = backlog;
    options.hold_ms = 50;
    return overflow_syn(netns(), options);
  }

  std::vector<const Listener*> listeners(const Outcome& outcome) {
    std::vector<const Listener*> found;
    for (const Listener* listener : watch().listeners(netns().inode()))
      if (listener->port == outcome.fact("port")) found.push_back(listener);
    return found;
  }

 private:
  static inline std::unique_ptr<Stage> current_stage;
};

TEST_P(Overflow, EqualsTheKernelsCount) {
  const int backlog = GetParam().at_ack ? 8 : 1;
  const Outcome outcome = overflow(backlog);
  watch().look();
  const auto rows = listeners(outcome);
  ASSERT_EQ(rows.size(), GetParam().listeners);
  std::uint64_t syn = 0;
  std::uint64_t ack = 0;
  bool rows_exact = true;
  for (const Listener* row : rows) {
    syn += row->overflows_total.syn;
    ack += row->overflows_total.ack;
    rows_exact = rows_exact && row->overflows_exact;
    EXPECT_EQ(row->queue_limit, static_cast<std::uint32_t>(backlog));
    EXPECT_EQ(row->queue_peak, static_cast<std::uint32_t>(backlog) + 1) << row->comm;
    EXPECT_EQ(row->accepts_total, 0U) << "nobody accepts";
  }
  ASSERT_GT(outcome.delta["ListenOverflows"], 0U);
  const bool syn_exact = watch().exact("overflow_syn") && rows_exact;
  const bool ack_exact = watch().exact("overflow_ack");
  EXPECT_LE(syn + ack, outcome.delta["ListenDrops"]) << "never more than the kernel dropped";
  if (syn_exact && ack_exact) {
    EXPECT_EQ(syn + ack, outcome.delta["ListenOverflows"]) << outcome.delta.changed();
  }
  if (syn_exact) {
    EXPECT_GE(syn, outcome.fact("at_least_syn"));
    if (GetParam().at_ack && GetParam().listeners == 1 && GetParam().late == 0) {
      EXPECT_EQ(syn, 0U) << "all of them were dropped at the last ACK";
    }
  }
  if (ack_exact) {
    EXPECT_GE(ack, outcome.fact("at_least_ack"));
  }
  if (!watch().hook("overflow_ack")) {
    EXPECT_EQ(ack, 0U) << "no hook sees these: nothing is invented";
  }
  if (!GetParam().at_ack) {
    EXPECT_EQ(ack, 0U) << "all of them were dropped at the SYN";
  }
  expect_nothing_negative(watch().look());
}

TEST_P(Overflow, IsToldInStoriesOfTheListener) {
  watch().drops.clear();
  const Outcome outcome = overflow(GetParam().at_ack ? 8 : 1);
  watch().look();
  // Polled drops are counted, but no story: nobody saw the single one.
  const HookChoice* hook = watch().hook(GetParam().at_ack ? "overflow_ack" : "overflow_syn");
  const bool told_by_hook = hook && hook->mechanism != "poll";
  std::size_t stories = 0;
  for (const tw_drops& story : watch().drops) {
    if (story.listener.netns != netns().inode()) continue;
    EXPECT_EQ(story.listener.port, outcome.fact("port"));
    EXPECT_LE(story.overflows_syn, outcome.delta["ListenDrops"]);
    ++stories;
  }
  if (told_by_hook) {
    EXPECT_GE(stories, 1U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    AtTheSyn, Overflow,
    testing::Values(Case{false, Family::v4, 1, 0}, Case{false, Family::v4, 1, 1},
                    Case{false, Family::v4, 1, 2}, Case{false, Family::v6, 1, 1},
                    Case{false, Family::dual, 1, 1}, Case{false, Family::v4, 3, 1}));
INSTANTIATE_TEST_SUITE_P(AtTheAck, Overflow,
                         testing::Values(Case{true, Family::v4, 1, 0}, Case{true, Family::v4, 1, 1},
                                         Case{true, Family::v6, 1, 0},
                                         Case{true, Family::dual, 1, 0},
                                         Case{true, Family::v4, 3, 0},
                                         Case{true, Family::v4, 1, 0, 5}));

// The trap of the polled rung: drops that are no overflow.
TEST(FilteredListener, IsNoOverflow) {
  const workload::Netns netns;
  const Party idle = Party::start(netns, "idle", [](Actor&) {});
  Watch watch;
  const Outcome outcome = filtered_listener(netns);
  watch.look();
  ASSERT_EQ(outcome.delta["ListenDrops"], 0U);
  const auto rows = watch.listeners(netns.inode());
  ASSERT_EQ(rows.size(), 1U);
  if (watch.exact("overflow_syn") && rows.front()->overflows_exact) {
    EXPECT_EQ(rows.front()->overflows_total.syn, 0U);
  }
  EXPECT_EQ(rows.front()->overflows_total.ack, 0U);
}

TEST(SynCookies, AloneAreNoDrop) {
  const workload::Netns netns;
  Watch& watch = Watch::shared();
  Outcome outcome = syn_cookies(netns);
  watch.look();
  const std::string address = outcome.party("server").listener.text();
  const Listener* listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->overflows_total.syn + listener->overflows_total.ack, 0U);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, outcome.total().accepts);
  }
}

}  // namespace
}  // namespace tcpwatch::test
