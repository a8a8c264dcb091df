// SPDX-License-Identifier: Apache-2.0
//
// Every rung of every ladder that this kernel has is forced by denying the ones above it; each
// time the choice is the expected one, and what is counted then is right.
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>

#include "base/unique_fd.h"
#include "kernel/hook_plan.h"
#include "kernel/support/expect.h"
#include "kernel/workload/failing.h"
#include "kernel/workload/serving.h"

namespace tcpwatch::test {
namespace {

using namespace workload;

using Denied = std::set<std::string>;

std::string text_of(const Denied& denied) {
  std::string text = "denied:";
  for (const std::string& mechanism : denied) text += " " + mechanism;
  return text;
}

// What is right whatever watches: it is counted by state steps, or claimed at close().
void expect_right_counts(Watch& watch) {
  const workload::Netns netns;
  ServeOptions options;
  options.connections = 7;
  Outcome outcome = serve(netns, options);
  const auto closes_of = [&](const char* party) {
    const Worker* worker = watch.worker(outcome.party(party).pid());
    return worker ? worker->total.closes : 0;
  };
  watch.look_until([&] {
    return closes_of("server") >= options.connections && closes_of("client") >= options.connections;
  });
  const Worker* server = watch.worker(outcome.party("server").pid());
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(server && client);
  EXPECT_EQ(server->total.accepts, options.connections);
  EXPECT_EQ(server->total.closes, options.connections);
  EXPECT_EQ(client->total.connects, options.connections);
  EXPECT_EQ(client->total.established_out, options.connections);
  EXPECT_EQ(client->total.closes, options.connections);
  const std::uint64_t searches = client->total.kernel.count();
  EXPECT_EQ(searches, watch.hook("connect_kernel_time") ? options.connections : 0U);
  if (!watch.hook("accepts")) {
    EXPECT_EQ(server->total.accept_wait.count(), 0U) << "not measured, not invented";
  }
  const std::string address = outcome.party("server").listener.text();
  const Listener* listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  if (watch.hook("listener_queues")) {
    EXPECT_EQ(listener->accepts_total, options.connections);
  }
  outcome.release();
  watch.look();
  listener = watch.listener(address, netns.inode());
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->accepts_total, options.connections) << "right at the latest when it closes";
  EXPECT_EQ(listener->overflows_total.syn + listener->overflows_total.ack, 0U);
}

void expect_right_failures(Watch& watch) {
  const workload::Netns netns;
  Outcome outcome = refused(netns, FailOptions{});
  watch.look();
  const Worker* client = watch.worker(outcome.party("client").pid());
  ASSERT_TRUE(client);
  EXPECT_EQ(client->total.failures[TW_REASON_ECONNREFUSED], outcome.delta["ActiveOpens"]);
  EXPECT_EQ(client->total.connect_failures(), outcome.delta["ActiveOpens"]);
}

class Ladders {
 public:
  // Walks all signals' ladders down from here; each deny list is tried once.
  void walk(const Denied& denied) {
    if (!visited_.insert(denied).second) return;
    SCOPED_TRACE(text_of(denied));
    std::map<std::string, std::string> chosen;
    try {
      Watch watch(TW_DETAIL_FAILURES, denied);
      chosen = choices(watch.look(), denied);
      expect_right_counts(watch);
      expect_right_failures(watch);
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string(error.what()).find("state changes"), std::string::npos) << error.what();
      EXPECT_TRUE(denied.contains(first_of("states"))) << "only without states nothing works";
      return;
    }
    for (const auto& [signal, mechanism] : chosen) {
      if (start_[signal].empty()) start_[signal] = mechanism;
      // Down this signal's own ladder only: the deny list holds nothing but its rungs.
      if (!is_prefix(signal, denied)) continue;
      Denied next = denied;
      next.insert(mechanism);
      walk(next);
    }
  }
  std::size_t visited() const { return visited_.size(); }

 private:
  std::string first_of(const std::string& signal) { return start_[signal]; }

  static bool is_prefix(const std::string& signal, const Denied& denied) {
    std::set<std::string> ladder;
    for (const Signal& planned : hook_plan())
      if (planned.name == signal)
        for (const Candidate& candidate : planned.ladder)
          ladder.insert(std::string(candidate.mechanism));
    return std::ranges::all_of(denied, [&](const auto& one) { return ladder.contains(one); });
  }

  // Checks each ladder against the rule: the first rung that is neither denied nor refused.
  std::map<std::string, std::string> choices(const Snapshot& snapshot, const Denied& denied) {
    std::map<std::string, std::string> chosen;
    for (const Signal& signal : hook_plan()) {
      std::vector<const HookChoice*> rows;
      for (const HookChoice& row : snapshot.hooks)
        if (row.signal == signal.name) rows.push_back(&row);
      EXPECT_LE(rows.size(), signal.ladder.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const HookChoice& row = *rows[i];
        EXPECT_EQ(row.mechanism, signal.ladder[i].mechanism) << signal.name << ": no rung skipped";
        EXPECT_EQ(row.note.find("denied by") != std::string::npos, denied.contains(row.mechanism));
        if (row.chosen) {
          EXPECT_EQ(i + 1, rows.size()) << "the chosen one is the last tried";
          // Without the program that reads the listeners polling sees only those that closed.
          const bool blind = row.mechanism == "poll" && denied.contains("raw_tp");
          EXPECT_EQ(row.exact, signal.ladder[i].exact && !blind)
              << signal.name << " by " << row.mechanism << ": " << row.note;
          chosen[row.signal] = row.mechanism;
        } else {
          EXPECT_FALSE(row.note.empty()) << "a refusal has its reason";
        }
        if (!denied.contains(row.mechanism)) remember(row, i);
      }
      if (!chosen.contains(std::string(signal.name))) {
        EXPECT_EQ(rows.size(), signal.ladder.size()) << signal.name << ": all were tried";
      }
    }
    return chosen;
  }

  // A rung holds or it does not, whatever else was denied.
  void remember(const HookChoice& row, std::size_t rung) {
    const auto [place, fresh] = holds_.try_emplace({row.signal, rung}, row.chosen);
    EXPECT_EQ(place->second, row.chosen)
        << row.signal << " by " << row.mechanism << ": " << row.note;
  }

  std::set<Denied> visited_;
  std::map<std::string, std::string> start_;
  std::map<std::pair<std::string, std::size_t>, bool> holds_;
};

TEST(Rungs, EachOneIsChosenInItsTurnAndCountsRight) {
  Ladders ladders;
  ladders.walk({});
  EXPECT_GE(ladders.visited(), 6U);
  RecordProperty("deny_lists", static_cast<int>(ladders.visited()));
}

// Of one number on the stack.
bool has_compare_and_swap() {
  const auto set = [](__u8 reg, int value) {
    return bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value};
  };
  const bpf_insn instructions[] = {
      {BPF_ST | BPF_MEM | BPF_DW, BPF_REG_10, 0, -8, 0},
      set(BPF_REG_0, 0),
      set(BPF_REG_1, 1),
      {BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_10, BPF_REG_1, -8, BPF_CMPXCHG},
      set(BPF_REG_0, 0),
      {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  bpf_attr wanted{};
  wanted.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
  wanted.insns = reinterpret_cast<std::uintptr_t>(instructions);
  wanted.insn_cnt = std::size(instructions);
  wanted.license = reinterpret_cast<std::uintptr_t>("GPL");
  const UniqueFd program(
      static_cast<int>(::syscall(SYS_bpf, BPF_PROG_LOAD, &wanted, sizeof wanted)));
  return static_cast<bool>(program);
}

// A rung that the verifier refuses is passed over without a word to anybody but `probe`: the dearer
// one below it counts as well. What all kernels of the matrix can run must be what runs there.
TEST(Rungs, TheFirstOneIsChosenWhereTheKernelHasWhatItNeeds) {
  Watch watch(TW_DETAIL_FAILURES, {});
  const Snapshot& snapshot = watch.look();
  std::vector<const HookChoice*> states;
  for (const HookChoice& row : snapshot.hooks)
    if (row.signal == "states") states.push_back(&row);
  ASSERT_FALSE(states.empty());
  EXPECT_EQ(states.back()->mechanism, "tp_btf") << states.front()->note;
  EXPECT_EQ(states.front()->chosen, has_compare_and_swap()) << states.front()->note;
}

TEST(Rungs, WithAllDeniedThereIsAnErrorWithAHint) {
  TracerOptions options;
  for (const std::string_view mechanism : deniable_mechanisms())
    options.denied.insert(std::string(mechanism));
  const auto tracer = Tracer::start(options);
  ASSERT_FALSE(tracer);
  EXPECT_NE(tracer.error().message.find("denied"), std::string::npos) << tracer.error().message;
  EXPECT_FALSE(tracer.error().hint.empty());
}

}  // namespace
}  // namespace tcpwatch::test
