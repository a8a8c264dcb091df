// SPDX-License-Identifier: Apache-2.0
//
// What doctor prints: golden text and JSON of a chain, of a healthy machine, and of hostile names.
#include <gtest/gtest.h>

#include <algorithm>

#include "unit/diagnosis_support.h"
#include "unit/view_golden.h"
#include "unit/view_snapshots.h"
#include "views/doctor.h"
#include "views/json.h"
#include "views/screen/finding_line.h"

namespace tcpwatch::test {
namespace {

// Workers that sit in connect(), and what follows from it.
Findings chain() {
  Ward ward;
  for (std::uint32_t pid = 1201; pid <= 1204; ++pid) {
    Worker& row = ward.worker(pid);
    row.delta.connects = row.delta.failures[TW_REASON_EADDRNOTAVAIL] = 28;
    timed(row.delta.kernel, 0.0176, 28);
  }
  Listener& http = ward.listener("0.0.0.0:80", {1200, 1201, 1202, 1203, 1204});
  http.queue_now = http.queue_peak = 512;
  http.overflows_delta = {740, 100};
  http.accepts_delta = 6;
  Destination& row = ward.destination("10.0.0.5:6379", {1201, 1202, 1203, 1204});
  row.delta.connects = row.delta.failures[TW_REASON_EADDRNOTAVAIL] = 112;
  timed(row.delta.kernel, 0.0176, 112);
  ward.netns.total.time_wait = 28'230;
  ward.pass(8);
  return ward.findings();
}

TEST(DoctorText, Chain) {
  const Snapshot snapshot = incident_snapshot();
  const Findings findings = chain();
  const std::string text = doctor_text({snapshot, findings, 8}, Palette::kPlain);
  EXPECT_LE(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(kDoctorLines));
  expect_golden("doctor_chain.txt", text);
  expect_golden("doctor_chain_ansi.txt", doctor_text({snapshot, findings, 8}, Palette::kAnsi));
}

TEST(DoctorText, Healthy) {
  expect_golden("doctor_healthy.txt", doctor_text({healthy_snapshot(), {}, 10}, Palette::kPlain));
}

TEST(DoctorJson, Chain) {
  const Findings findings = chain();
  expect_golden("doctor_chain.json", doctor_json({incident_snapshot(), findings, 8}) + "\n");
  const std::string view = view_json(incident_snapshot(), findings);
  EXPECT_NE(view.find(R"("findings":[{"id":"accept-queue-overflow","severity":"critical")"),
            std::string::npos);
}

TEST(DoctorText, HostileNamesAreHarmless) {
  Findings findings(1);
  findings[0].id = "connect-refused";
  findings[0].severity = Severity::kCritical;
  findings[0].summary = "\x1b]0;owned\x07 refuses";
  findings[0].next_step = "\x1b[2J";
  const std::string text = doctor_text({hostile_snapshot(), findings, 1}, Palette::kPlain);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(doctor_json({hostile_snapshot(), findings, 1}).find('\x1b'), std::string::npos);
}

// A storm of hundreds of destinations is one line, not a screen full of them.
TEST(DoctorText, OthersAreFewAndEachIsToldOnce) {
  Findings findings(40);
  for (std::size_t i = 0; i < findings.size(); ++i) {
    findings[i].id = "connect-refused";
    findings[i].severity = Severity::kWarning;
    findings[i].subject.destination = "10.0.0.5:" + std::to_string(i / 2);
  }
  const std::string text = doctor_text({healthy_snapshot(), findings, 1}, Palette::kPlain);
  const std::string also = text.substr(text.find("  also "));
  EXPECT_EQ(also.find("(10.0.0.5:1)"), also.rfind("(10.0.0.5:1)")) << also;
  EXPECT_NE(also.find("(10.0.0.5:7) and 12 more\n"), std::string::npos) << also;
}

TEST(FindingLines, KeepTheOrderAndNameTheChain) {
  const auto lines = finding_lines(chain());
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0].id, "accept-queue-overflow");
  EXPECT_EQ(lines[0].subject, "0.0.0.0:80");
  EXPECT_EQ(lines[0].because, "ephemeral-port-exhaustion");
  EXPECT_NE(lines[0].evidence.find("queue 512"), std::string::npos);
}

// A healthy verdict of somebody who could not look says so.
TEST(DoctorText, DescriptorsThatMayNotBeReadAreUnseen) {
  Snapshot snapshot = healthy_snapshot();
  SharedRows<Worker> workers;
  for (const Worker& row : snapshot.workers) {
    Worker blind = row;
    blind.fds.reset();
    blind.states[TW_LISTEN] = 1;
    workers.push_back(std::move(blind));
  }
  snapshot.workers = workers;
  const std::string phrase = "whether descriptors run out: 5 of 5 processes";
  EXPECT_NE(doctor_text({snapshot, {}, 10}, Palette::kPlain).find(phrase), std::string::npos);
  EXPECT_NE(doctor_json({snapshot, {}, 10}).find(phrase), std::string::npos);
  EXPECT_EQ(doctor_text({healthy_snapshot(), {}, 10}, Palette::kPlain).find(phrase),
            std::string::npos);
}

// Two of one id: the id alone would not say which.
TEST(FindingLines, NameTheCauseWhereSeveralHaveItsId) {
  Findings findings(3);
  for (Finding& finding : findings) finding.severity = Severity::kWarning;
  findings[0].id = "slow-upstream";
  findings[0].subject.destination = "10.0.0.1:80";
  findings[1].id = "slow-upstream";
  findings[1].subject.destination = "10.0.0.2:90";
  findings[2].id = "fd-exhaustion";
  findings[2].cause = Cause{"slow-upstream", findings[1].subject};
  EXPECT_EQ(finding_lines(findings)[2].because, "slow-upstream 10.0.0.2:90");
  const std::string json = doctor_json({healthy_snapshot(), findings, 1});
  EXPECT_NE(
      json.find(R"("caused_by":"slow-upstream","caused_by_subject":{"destination":"10.0.0.2:90"})"),
      std::string::npos);
}

}  // namespace
}  // namespace tcpwatch::test
