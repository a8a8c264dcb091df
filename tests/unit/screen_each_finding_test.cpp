// SPDX-License-Identifier: Apache-2.0
//
// Each finding of the contract as the screen tells it at 80x24, by the sentences that the rules
// make: on the lines under the header, in the table, and opened. Names are those of hostile
// programs: what they call themselves must not reach the terminal.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/text.h"
#include "diagnosis/finding_ids.h"
#include "screen_support.h"
#include "unit/diagnosis_disaster.h"
#include "view_golden.h"
#include "view_snapshots.h"

namespace tcpwatch::test {
namespace {

// A tab and an end of line, a sequence that clears the screen, and wide characters.
constexpr const char* kHostile = "a\t\n\x1b[2J\xe4\xbd\xa0\xe5\xa5\xbd";

// By id the worst of each, all that explains it left out.
std::map<std::string, Finding> each_finding(const std::string& comm) {
  Ward ward;
  for (const char* signal : {"connect_errors", "socket_table", "owners"}) ward.add_hook(signal);
  prepare_disaster(ward);
  ward.netns.total.time_wait = 210'000;
  ward.netns.conntrack.emplace().max = 1000;
  ward.netns.conntrack->count = 990;
  for (Worker& row : ward.workers) row.comm = comm;
  for (Listener& row : ward.listeners) row.comm = comm;
  strike(ward);
  std::map<std::string, Finding> found;
  for (const Finding& finding : ward.findings())
    found.try_emplace(std::string(finding.id), finding).first->second.cause.reset();
  return found;
}

// Lines become words again: how a sentence was wrapped does not matter.
std::string words(const std::string& text) {
  std::istringstream lines(text);
  std::string joined;
  for (std::string word; lines >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

bool says(const std::string& screen, const std::string& sentence) {
  return words(screen).find(words(sentence)) != std::string::npos;
}

std::size_t widest(const std::string& text) {
  std::istringstream lines(text);
  std::size_t most = 0;
  for (std::string line; std::getline(lines, line);) most = std::max(most, display_width(line));
  return most;
}

bool is_control(unsigned char byte) { return (byte < 0x20 && byte != '\n') || byte == 0x7f; }

Played telling(const Finding& finding) {
  Played played(healthy_snapshot());
  played.findings = finding_lines({finding});
  return played;
}

TEST(ScreenFindings, EachIsToldWithItsNextStep) {
  const auto found = each_finding("nginx");
  std::string frames;
  for (const std::string_view id : finding_ids()) {
    SCOPED_TRACE(id);
    const auto one = found.find(std::string(id));
    ASSERT_NE(one, found.end()) << "no rule said it";
    const Finding& finding = one->second;
    Played played = telling(finding);
    const bool alarm = finding.severity != Severity::kInfo;
    EXPECT_EQ(says(played.text(), finding.next_step), alarm) << "on the lines under the header";
    played.type(U"5");
    const std::string table = played.text();
    EXPECT_NE(table.find(" " + std::string(id) + " "), std::string::npos) << "uncut";
    EXPECT_TRUE(says(table, finding.next_step)) << table;
    played.press(Key::Kind::kEnter);
    const std::string opened = played.text();
    EXPECT_TRUE(says(opened, finding.summary)) << opened;
    EXPECT_TRUE(says(opened, finding.next_step)) << opened;
    EXPECT_TRUE(says(opened, finding.do_not)) << opened;
    frames += "== " + std::string(id) + "\n" + table;
  }
  EXPECT_EQ(found.size(), finding_ids().size());
  expect_golden("screen_each_finding_80x24.txt", frames);
}

TEST(ScreenFindings, NamesOfProgramsDoNotReachTheTerminal) {
  for (const auto& [id, finding] : each_finding(kHostile)) {
    SCOPED_TRACE(id);
    Played played = telling(finding);
    for (const char32_t key : {U'1', U'5', U'\0'}) {
      if (key == U'\0')
        played.press(Key::Kind::kEnter);
      else
        played.type({&key, 1});
      const std::string text = played.text();
      EXPECT_EQ(std::ranges::count_if(text, is_control), 0) << text;
      EXPECT_LE(widest(text), 80u) << text;
      EXPECT_EQ(std::ranges::count(text, '\n'), 24) << text;
    }
  }
}

}  // namespace
}  // namespace tcpwatch::test
