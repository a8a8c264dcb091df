// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/agent/triggers.h"
#include "unit/view_snapshots.h"

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kSecond = 1'000'000'000;

Snapshot at(std::uint64_t seconds) {
  Snapshot snapshot = empty_snapshot();
  snapshot.realtime_ns = 1'700'000'000 * kSecond + seconds * kSecond;
  snapshot.interval = 1;
  return snapshot;
}

Finding finding(std::string_view id, Severity severity) {
  Finding made;
  made.id = id;
  made.severity = severity;
  made.subject.comm = "nginx";
  return made;
}

TEST(AgentTriggers, AFindingTriggersOnceUntilItHasEnded) {
  Triggers triggers({}, "critical");
  const Findings critical{finding("fd-exhaustion", Severity::kCritical)};
  const Findings warning{finding("fd-exhaustion", Severity::kWarning)};
  EXPECT_EQ(triggers.judge(at(1), warning), "");
  EXPECT_THAT(triggers.judge(at(2), critical), HasSubstr("fd-exhaustion"));
  EXPECT_EQ(triggers.judge(at(3), critical), "");
  EXPECT_EQ(triggers.judge(at(4), {}), "");
  EXPECT_NE(triggers.judge(at(5), critical), "");
}

TEST(AgentTriggers, NeverIsNever) {
  Triggers triggers({}, "never");
  EXPECT_EQ(triggers.judge(at(1), {finding("fd-exhaustion", Severity::kCritical)}), "");
}

TEST(AgentTriggers, AMetricHasToStayAboveForItsTime) {
  TriggerSettings wanted{.metric = "tcpwatch_connect_failures_total", .above = 10, .hold = 3};
  Triggers triggers({wanted}, "never");
  const auto failing = [](std::uint64_t second, std::uint64_t failures) {
    Snapshot snapshot = at(second);
    snapshot.delta.failures[TW_REASON_ETIMEDOUT] = failures;
    return snapshot;
  };
  EXPECT_EQ(triggers.judge(failing(1, 11), {}), "");
  EXPECT_EQ(triggers.judge(failing(3, 11), {}), "");
  EXPECT_EQ(triggers.judge(failing(4, 10), {}), "");  // not above: from the beginning
  EXPECT_EQ(triggers.judge(failing(5, 11), {}), "");
  EXPECT_EQ(triggers.judge(failing(7, 11), {}), "");
  EXPECT_THAT(triggers.judge(failing(8, 11), {}), HasSubstr("is above 10"));
}

TEST(AgentTriggers, AProcessIsJudgedByItsOwnWorkers) {
  Snapshot snapshot = at(1);
  for (const char* comm : {"nginx", "nginx", "redis"}) {
    Worker worker;
    worker.comm = comm;
    worker.delta.accepts = 10;
    snapshot.workers.push_back(worker);
  }
  EXPECT_EQ(trigger_value("tcpwatch_accepts_total", "nginx", snapshot), 20);
  EXPECT_EQ(trigger_value("tcpwatch_accepts_total", "redis", snapshot), 10);
  EXPECT_EQ(trigger_value("tcpwatch_accepts_total", "java", snapshot), 0);
}

}  // namespace
}  // namespace tcpwatch::test
