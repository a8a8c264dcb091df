// SPDX-License-Identifier: Apache-2.0
//
// Each signal denied, and each only estimated: every finding that rests on it is less sure, by
// name, no other changes, and the report as a whole says what was not seen.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "diagnosis/finding_ids.h"
#include "diagnosis/rests_on.h"
#include "model/snapshot.h"
#include "unit/diagnosis_disaster.h"
#include "views/unseen.h"

namespace tcpwatch::test {
namespace {

using Ids = std::set<std::string>;

// What each signal is needed for. Of connect_errors: failures that the kernel tells at once; of
// owners: listeners that are older than tcpwatch, at which connects may wait.
const std::map<std::string, Ids> kNeededBy{
    {"states",
     {"worker-not-accepting", "accept-imbalance", "ephemeral-port-exhaustion",
      "connect-slow-in-kernel", "connect-timeout", "connect-refused", "connect-unreachable",
      "connect-abandoned", "connection-inflow", "connection-watermark", "short-connection-storm",
      "close-wait-leak", "fin-wait2-pileup", "nginx-slots-exhausted", "slow-upstream",
      "slow-clients", "cpu-steering"}},
    {"accepts", {"backlog-capped", "nginx-slots-exhausted"}},
    {"connect_errors", {"connect-unreachable"}},
    {"connect_kernel_time", {"connect-slow-in-kernel"}},
    {"overflow_syn", {"accept-queue-overflow"}},
    {"overflow_ack", {"accept-queue-overflow"}},
    {"fd_refusals", {"fd-exhaustion"}},
    {"listener_queues",
     {"connect-timeout", "connect-abandoned", "accept-queue-overflow", "backlog-capped",
      "worker-not-accepting", "syn-flood"}},
    {"socket_table", {"slow-upstream", "slow-clients", "keepalive-pileup", "cpu-steering"}},
    {"owners", {"connect-timeout", "connect-abandoned"}},
};

// All that can go wrong at once; by id, the surest of each.
std::map<std::string, Finding> disaster(const std::string& denied, const std::string& estimated,
                                        std::vector<std::string>* unseen = nullptr) {
  Ward ward;
  ward.hooks.clear();
  for (const auto& [signal, ids] : kNeededBy) {
    HookChoice& hook = ward.add_hook(signal, signal != denied);
    if (signal == estimated) hook.exact = false;
  }
  prepare_disaster(ward);
  strike(ward);
  std::map<std::string, Finding> surest;
  for (const Finding& finding : ward.findings()) {
    Finding& kept = surest[std::string(finding.id)];
    if (kept.id.empty() || finding.confidence > kept.confidence) kept = finding;
  }
  Snapshot snapshot;
  snapshot.hooks = ward.hooks;
  if (unseen) *unseen = unseen_of(snapshot, ward.findings());
  return surest;
}

TEST(Sight, AllThatCanGoWrongIsThere) {
  const auto found = disaster("", "");
  for (const auto& [signal, ids] : kNeededBy)
    for (const std::string& id : ids) EXPECT_TRUE(found.contains(id)) << id;
}

TEST(Sight, EachSignalDenied) {
  const auto seen = disaster("", "");
  for (const auto& [signal, ids] : kNeededBy) {
    std::vector<std::string> unseen;
    const std::string phrase = signal + " is not watched on this kernel";
    for (const auto& [id, finding] : disaster(signal, "", &unseen)) {
      const bool rests = ids.contains(id);
      ASSERT_TRUE(seen.contains(id)) << id;
      const double before = seen.at(id).confidence;
      EXPECT_TRUE(rests ? finding.confidence < 0.95 * before : finding.confidence == before)
          << signal << " " << id;
      EXPECT_EQ(finding.unseen.find(phrase) != std::string::npos, rests) << signal << " " << id;
      for (const Evidence& one : finding.evidence)
        EXPECT_EQ(one.source.find("fentry " + signal), std::string::npos) << "not its source";
    }
    EXPECT_EQ(std::ranges::count(unseen, phrase), 1) << signal;
  }
}

TEST(Sight, EachSignalEstimated) {
  const auto seen = disaster("", "");
  for (const auto& [signal, ids] : kNeededBy) {
    if (signal == "fd_refusals") continue;  // counts of it are evidence, and no reason
    for (const auto& [id, finding] : disaster("", signal))
      EXPECT_NEAR(finding.confidence, seen.at(id).confidence * (ids.contains(id) ? 0.8 : 1), 1e-9)
          << signal << " " << id;
  }
}

TEST(Sight, TheTableHasNoOthers) {
  for (const std::string_view id : finding_ids())
    for (const std::string_view signal : signals_of_finding(id))
      EXPECT_TRUE(kNeededBy.contains(std::string(signal)) &&
                  kNeededBy.at(std::string(signal)).contains(std::string(id)))
          << id << " " << signal;
}

}  // namespace
}  // namespace tcpwatch::test
