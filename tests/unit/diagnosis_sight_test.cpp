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
#include "unit/diagnosis_support.h"
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

void fails(Ward& ward, const std::string& address, tw_reason reason, double after) {
  Traffic& delta = ward.destination(address, {1}).delta;
  delta.connects = delta.failures[reason] = 10;
  timed(delta.failed, after, 10);
}

void accepting(Ward& ward) {
  Listener& bursts = ward.listener("0.0.0.0:1", {1}, 4);
  bursts.queue_peak = 5;
  bursts.accepts_delta = 100;
  bursts.overflows_delta = {20, 1};
  bursts.syn_queue = 10;
  ward.listener("0.0.0.0:2", {2}).queue_now = 7;
  for (std::uint32_t pid = 3; pid <= 4; ++pid) {
    Listener& member = ward.listener("0.0.0.0:3", {pid});
    member.reuseport_group = 1;
    member.accepts_delta = pid == 3 ? 40 : 0;
    member.sockets.emplace().arrivals = {50, 0, 50};
  }
  Listener& storm = ward.listener("0.0.0.0:4", {5});
  storm.accepts_delta = 400;
  storm.sockets.emplace().active = 5;
  ward.netns.delta.cookies_sent = 100;
}

void connecting(Ward& ward) {
  fails(ward, "10.0.0.1:1", TW_REASON_EADDRNOTAVAIL, 0.01);
  fails(ward, "10.0.0.2:1", TW_REASON_ECONNREFUSED, 0.01);
  fails(ward, "10.0.0.3:1", TW_REASON_EHOSTUNREACH, 3);
  fails(ward, "10.0.0.4:1", TW_REASON_ETIMEDOUT, 30);
  fails(ward, "10.0.0.5:1", TW_REASON_ABANDONED, 0.1);
  Destination& searched = ward.destination("10.0.0.6:1", {1});
  searched.delta.connects = searched.delta.established_out = 100;
  searched.states[TW_ESTABLISHED] = 1000;
  timed(searched.delta.kernel, 0.004, 100);
  Destination& mute = ward.destination("10.0.0.7:1", {1});
  mute.delta.connects = mute.delta.established_out = 10;
  mute.states[TW_ESTABLISHED] = 40;
  mute.sockets.emplace().waiting = 40;
  mute.sockets->waiting_since = 5;
}

void holding(Ward& ward) {
  ward.worker(10).states[TW_CLOSE_WAIT] = 2000;
  ward.worker(11).states[TW_FIN_WAIT2] = 900;
  ward.worker(12).states[TW_ESTABLISHED] = 950;
  ward.worker(12).fds = Fds{960, 1000};
  ward.worker(13).fds = Fds{300, 1000};
  Worker& slots = ward.worker(14);
  slots.states[TW_ESTABLISHED] = 60;
  slots.delta.turned_away = slots.delta.accepts = 5;
  Worker& idle = ward.worker(15);
  idle.fds = Fds{700, 1024};
  idle.states[TW_ESTABLISHED] = 650;
  idle.sockets.emplace().idle = 600;
  idle.sockets->active = 50;
  Worker& slow = ward.worker(16);
  slow.fds = Fds{70, 100};
  slow.states[TW_ESTABLISHED] = 60;
  slow.sockets.emplace().slow = 60;
  slow.sockets->active = 60;
}

// All that can go wrong at once; by id, the surest of each.
std::map<std::string, Finding> disaster(const std::string& denied, const std::string& estimated,
                                        std::vector<std::string>* unseen = nullptr) {
  Ward ward;
  ward.hooks.clear();
  for (const auto& [signal, ids] : kNeededBy) {
    HookChoice& hook = ward.add_hook(signal, signal != denied);
    if (signal == estimated) hook.exact = false;
  }
  for (std::uint32_t pid = 1; pid <= 5; ++pid) ward.worker(pid);
  accepting(ward);
  connecting(ward);
  holding(ward);
  ward.pass(8, [&](int look) {
    Worker& rising = ward.worker(13);
    rising.delta.accepts = 20;
    rising.states[TW_ESTABLISHED] = 100 + 20 * look;
  });
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
