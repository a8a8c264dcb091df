// SPDX-License-Identifier: Apache-2.0
//
// Rows that a finding speaks of: marked in every table, first where the user has chosen no order,
// and one Enter away from the finding.
#include <gtest/gtest.h>

#include <algorithm>

#include "screen_incidents.h"
#include "screen_support.h"
#include "view_snapshots.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint32_t kNginx = 1200;  // the master: nothing fails or moves there

// Clients whose connects fail, each worse off than nginx.
Snapshot among_failing_clients() {
  Snapshot snapshot = healthy_snapshot();
  for (std::uint32_t pid = 2000; pid < 2040; ++pid) {
    Worker client;
    client.id = {pid, 1};
    client.comm = "curl";
    client.delta.connects = client.delta.failures[TW_REASON_ETIMEDOUT] = pid;
    snapshot.workers.push_back(std::move(client));
  }
  return snapshot;
}

Finding finding_of(Severity severity, Subject subject, std::vector<std::uint32_t> pids = {}) {
  Finding finding;
  finding.id = "accept-queue-overflow";
  finding.severity = severity;
  finding.subject = std::move(subject);
  finding.pids = std::move(pids);
  return finding;
}

// What stands at the left of each row, those below the fold included.
std::vector<std::string> marks_and_pids(const Played& played) {
  std::vector<std::string> lines;
  const Page page = played.page();
  for (std::size_t row = 0; row < page.rows->size(); ++row) {
    const TableRow line = page.rows->row(row);
    lines.push_back(std::string(1, line.mark) + " " + line.cells[0].text);
  }
  return lines;
}

TEST(ScreenNamed, AreMarkedAndComeBeforeWhoeverLosesMore) {
  Played played(among_failing_clients());
  EXPECT_EQ(marks_and_pids(played)[0], "! 2039");
  played.findings = finding_lines({finding_of(Severity::kCritical, {kNginx, "nginx"}),
                                   finding_of(Severity::kWarning, {2003, "curl"}, {2001, 2003}),
                                   finding_of(Severity::kInfo, {2005, "curl"})});
  const auto lines = marks_and_pids(played);
  EXPECT_EQ(lines[0], "C 1200");
  EXPECT_EQ(lines[1], "W 2003") << "whom the finding leads with";
  EXPECT_EQ(lines[2], "W 2001");
  EXPECT_EQ(lines[3], "! 2039") << "then as ever";
  EXPECT_EQ(std::ranges::count(lines, "! 2005"), 1) << "an information is no alarm";
}

// As when nobody accepts: the clients give up, in number, and end.
TEST(ScreenNamed, WhoCausesItComesBeforeItsVictimsAndTheLivingBeforeTheDead) {
  Snapshot snapshot;
  for (const std::uint32_t pid : {1200, 2001, 2002, 2003}) {
    Worker worker;
    worker.id = {pid, 1};
    worker.comm = pid == kNginx ? "nginx" : "curl";
    worker.alive = pid != 2001;
    worker.delta.connects = worker.delta.failures[TW_REASON_ABANDONED] = pid == kNginx ? 0 : pid;
    snapshot.workers.push_back(std::move(worker));
  }
  Played played(snapshot);
  Finding cause = finding_of(Severity::kCritical, {kNginx, "nginx"});
  Finding effect =
      finding_of(Severity::kCritical, {2001, "curl", "", "127.0.0.1:80"}, {2001, 2002});
  effect.id = "connect-abandoned";
  effect.cause = Cause{cause.id, cause.subject};
  const Finding warning = finding_of(Severity::kWarning, {2003, "curl"});
  played.findings = finding_lines({effect, cause, warning});  // as they are sorted
  EXPECT_EQ(marks_and_pids(played),
            (std::vector<std::string>{"C 1200", "C 2002", "W 2003", "C 2001"}));
}

TEST(ScreenNamed, TheUsersOrderStandsAndMarksStay) {
  Played played(among_failing_clients());
  played.findings = finding_lines({finding_of(Severity::kCritical, {kNginx, "nginx"})});
  played.state.table().sort = "fails";
  const auto lines = marks_and_pids(played);
  EXPECT_EQ(lines[0], "! 2039");
  EXPECT_EQ(std::ranges::count(lines, "C 1200"), 1);
}

TEST(ScreenNamed, AGroupIsNamedByAMember) {
  Played played(among_failing_clients());
  played.findings = finding_lines({finding_of(Severity::kWarning, {kNginx, "nginx"})});
  played.type(U"ttt");
  EXPECT_EQ(played.page().rows->row(0).mark, 'W');
  EXPECT_EQ(played.page().rows->row(1).mark, '!');
}

TEST(ScreenNamed, PlacesAreToldApartByNamespace) {
  Snapshot snapshot = healthy_snapshot();
  ASSERT_FALSE(snapshot.listeners.empty());
  Listener twin = snapshot.listeners.front();
  twin.netns += 1;
  snapshot.listeners.push_back(twin);
  Played played(snapshot);
  played.findings =
      finding_lines({finding_of(Severity::kCritical, {0, "nginx", twin.address, "", twin.netns})});
  played.type(U"2");
  EXPECT_EQ(played.page().rows->row(0).mark, 'C');
  EXPECT_EQ(played.page().rows->row(1).mark, ' ');
}

TEST(ScreenNamed, EnterGoesFromTheFindingToTheRow) {
  Played played = play(port_exhaustion());
  ASSERT_FALSE(played.findings.empty());
  played.type(U"5");
  played.press(Key::Kind::kEnter);
  ASSERT_EQ(played.page().rows->size(), 1u) << played.text();
  EXPECT_NE(played.selected_line().find("C 10.0.0.5:6379"), std::string::npos) << played.text();
  played.press(Key::Kind::kEnter);
  EXPECT_EQ(played.state.path.back().kind, Opened::Kind::kDestination);
  EXPECT_NE(played.text().find("PROCESSES that connect to it"), std::string::npos);
  played.press(Key::Kind::kEscape, 2);
  EXPECT_TRUE(played.state.path.empty());
  EXPECT_EQ(played.state.view, View::kFindings);
}

TEST(ScreenNamed, TheFindingShowsWhoAsFarAsThereIsRoom) {
  Snapshot snapshot = healthy_snapshot();
  Finding finding = finding_of(Severity::kCritical, {kNginx, "nginx", "0.0.0.0:80"});
  finding.subject.netns = snapshot.listeners.front().netns;
  for (std::uint32_t pid = 3000; pid < 3050; ++pid) {
    Worker worker;
    worker.id = {pid, 1};
    worker.comm = "stuck";
    snapshot.workers.push_back(std::move(worker));
    finding.pids.push_back(pid);
  }
  const auto stuck = [&](std::size_t height) {
    Played played(snapshot, 80, height);
    played.findings = finding_lines({finding});
    played.type(U"5");
    played.press(Key::Kind::kEnter);
    const std::string text = played.text();
    EXPECT_NE(text.find("C 0.0.0.0:80"), std::string::npos) << "where, too\n" << text;
    std::size_t rows = 0;
    for (auto at = text.find("stuck"); at != std::string::npos; at = text.find("stuck", at + 1))
      ++rows;
    return rows;
  };
  EXPECT_GE(stuck(24), 1u);
  EXPECT_GE(stuck(40), 15u);
  EXPECT_EQ(stuck(80), 50u);
}

TEST(ScreenNamed, AFindingOfTheHostHasNoRow) {
  Played played(healthy_snapshot());
  played.findings = finding_lines({finding_of(Severity::kWarning, {})});
  played.type(U"5");
  played.press(Key::Kind::kEnter, 2);
  EXPECT_EQ(played.state.path.size(), 1u);
}

}  // namespace
}  // namespace tcpwatch::test
