// SPDX-License-Identifier: Apache-2.0
//
// The choice of hooks over a prober that plays a kernel: no BPF, no root.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernel/hook_plan.h"
#include "tcpwatch/abi.h"

namespace tcpwatch::test {
namespace {

// A kernel on which some targets work.
class PlayedKernel : public Prober {
 public:
  explicit PlayedKernel(std::set<std::string> works) : works_(std::move(works)) {}

  std::optional<Refusal> refuse_beforehand(const Candidate& candidate) override {
    looked_at.emplace_back(candidate.target);
    if (!hopeless.contains(std::string(candidate.target))) return std::nullopt;
    return Refusal{"hopeless", "another kernel"};
  }
  void try_all(std::vector<Trial>& trials) override {
    auto& round = rounds.emplace_back();
    for (Trial& trial : trials) {
      round.emplace_back(trial.candidate->target);
      if (!works_.contains(round.back())) trial.refusal = Refusal{"does not load", "root"};
    }
  }

  std::set<std::string> hopeless;
  std::vector<std::string> looked_at;
  std::vector<std::vector<std::string>> rounds;

 private:
  std::set<std::string> works_;
};

using Round = std::vector<std::string>;

Candidate candidate(std::string_view mechanism, std::string_view target) {
  return {mechanism, target, {"program"}, true, ""};
}

const std::vector<Signal> kPlan = {
    {"a",
     {candidate("fentry", "a1"), candidate("kprobe", "a2"), Candidate{"poll", "a3", {}, true, ""}}},
    {"b", {candidate("tp_btf", "b1"), candidate("raw_tp", "b2")}},
    {"c", {candidate("iter", "c1")}},
};

// "a1-" refused, "a2+" chosen, in the order in which they are told.
std::vector<std::string> told(const std::vector<Trial>& trials) {
  std::vector<std::string> text;
  for (const Trial& trial : trials)
    text.push_back(std::string(trial.candidate->target) + (trial.refusal ? "-" : "+"));
  return text;
}

std::string reason(const std::vector<Trial>& trials, std::string_view target) {
  for (const Trial& trial : trials)
    if (trial.candidate->target == target && trial.refusal) return trial.refusal->reason;
  return "";
}

TEST(HookChoice, TakesTheFirstThatHoldsAndLooksNoFurther) {
  PlayedKernel kernel({"a1", "a2", "a3", "b1", "b2", "c1"});
  const auto trials = choose_hooks(kPlan, kernel, {});
  EXPECT_EQ(told(trials), (Round{"a1+", "b1+", "c1+"}));
  EXPECT_EQ(kernel.rounds, (std::vector<Round>{{"a1", "b1", "c1"}})) << "one load for all";
}

TEST(HookChoice, GoesOnWhereOneIsRefused) {
  PlayedKernel kernel({"a2", "b2", "c1"});
  const auto trials = choose_hooks(kPlan, kernel, {});
  EXPECT_EQ(told(trials), (Round{"a1-", "a2+", "b1-", "b2+", "c1+"}));
  EXPECT_EQ(reason(trials, "a1"), "does not load");
  EXPECT_EQ(kernel.rounds, (std::vector<Round>{{"a1", "b1", "c1"}, {"a2", "b2"}}))
      << "what is decided is not tried again";
}

TEST(HookChoice, SkipsTheDeniedAndSaysSo) {
  PlayedKernel kernel({"a1", "a2", "a3", "b1", "b2", "c1"});
  const auto trials = choose_hooks(kPlan, kernel, {"fentry", "iter"});
  EXPECT_EQ(told(trials), (Round{"a1-", "a2+", "b1+", "c1-"}));
  EXPECT_EQ(reason(trials, "a1"), "denied by --deny fentry");
  EXPECT_EQ(reason(trials, "c1"), "denied by --deny iter");
  EXPECT_EQ(kernel.rounds, (std::vector<Round>{{"a2", "b1"}}));
  EXPECT_EQ(std::ranges::count(kernel.looked_at, "a1"), 0) << "not even looked at";
}

TEST(HookChoice, CanBeWithoutAny) {
  PlayedKernel kernel({});
  const auto trials = choose_hooks(kPlan, kernel, {});
  EXPECT_EQ(told(trials), (Round{"a1-", "a2-", "a3-", "b1-", "b2-", "c1-"}));
  EXPECT_EQ(kernel.rounds, (std::vector<Round>{{"a1", "b1", "c1"}, {"a2", "b2"}, {"a3"}}));
  PlayedKernel idle({"a1"});
  const auto denied =
      choose_hooks(kPlan, idle, {"fentry", "kprobe", "poll", "tp_btf", "raw_tp", "iter"});
  EXPECT_EQ(told(denied), (Round{"a1-", "a2-", "a3-", "b1-", "b2-", "c1-"}));
  EXPECT_TRUE(idle.rounds.empty()) << "nothing to load";
}

TEST(HookChoice, WhatIsRefusedBeforehandIsNeverTried) {
  PlayedKernel kernel({"a1", "a2", "a3", "b1", "c1"});
  kernel.hopeless = {"a1", "a2", "c1"};
  const auto trials = choose_hooks(kPlan, kernel, {});
  EXPECT_EQ(told(trials), (Round{"a1-", "a2-", "a3+", "b1+", "c1-"}));
  EXPECT_EQ(reason(trials, "a2"), "hopeless");
  EXPECT_EQ(kernel.rounds, (std::vector<Round>{{"a3", "b1"}}));
}

TEST(HookPlan, IsWellFormed) {
  const auto& known = deniable_mechanisms();
  std::set<std::string_view> names;
  for (const Signal& signal : hook_plan()) {
    EXPECT_TRUE(names.insert(signal.name).second) << signal.name << " twice";
    EXPECT_FALSE(signal.ladder.empty());
    EXPECT_LT(signal.name.size(), sizeof(tw_hook::signal));
    for (const Candidate& candidate : signal.ladder) {
      EXPECT_EQ(std::ranges::count(known, candidate.mechanism), 1) << candidate.mechanism;
      EXPECT_LT(candidate.mechanism.size(), sizeof(tw_hook::mechanism));
      EXPECT_LT(candidate.target.size(), sizeof(tw_hook::target)) << candidate.target;
      const bool attaches = candidate.mechanism != "poll" && candidate.mechanism != "field";
      EXPECT_EQ(!candidate.programs.empty(), attaches) << signal.name;
      if (!candidate.exact) {
        EXPECT_FALSE(candidate.note.empty()) << "an estimate says its bound";
      }
    }
  }
}

}  // namespace
}  // namespace tcpwatch::test
