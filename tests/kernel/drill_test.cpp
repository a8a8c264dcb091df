// SPDX-License-Identifier: Apache-2.0
//
// Each drill makes its incident for real, doctor names it as the root cause, and nothing is left
// behind. One test per drill.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "app/rehearsal.h"
#include "kernel/support/watch.h"
#include "kernel/workload/basics.h"
#include "views/doctor.h"

namespace tcpwatch::test {
namespace {

constexpr std::chrono::seconds kMost{30};

class Drills : public testing::TestWithParam<Scenario> {
 public:
  // Once for all of them: what shows only after a minute is played meanwhile.
  static void SetUpTestSuite() {
    auto opened = Rehearsal::open(scenarios());
    ASSERT_TRUE(opened) << opened.error().message;
    rehearsal() = std::move(*opened);
  }
  static void TearDownTestSuite() { rehearsal().reset(); }

  static std::optional<Rehearsal>& rehearsal() {
    static std::optional<Rehearsal> all;
    return all;
  }
};

TEST_P(Drills, AreNamedByDoctor) {
  const auto rehearsed = rehearsal()->check(GetParam(), kMost, denied_by_environment());
  ASSERT_TRUE(rehearsed) << rehearsed.error().message;
  const DoctorView view{rehearsed->snapshot, rehearsed->findings, rehearsed->seconds};
  const std::string text = doctor_text(view, Palette::kPlain);
  EXPECT_TRUE(rehearsed->right) << rehearsed->wrong << "\n" << text;
  EXPECT_LE(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(kDoctorLines)) << text;
  const Finding* root = root_cause(rehearsed->findings);
  ASSERT_TRUE(root);
  EXPECT_FALSE(root->evidence.empty());
  EXPECT_NE(root->next_step, "");
}

std::string name_of_test(const testing::TestParamInfo<Scenario>& test) {
  std::string name(test.param.name);
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, Drills, testing::ValuesIn(scenarios().begin(), scenarios().end()),
                         name_of_test);

bool gone(std::uint32_t netns) {
  struct stat facts{};
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string path = entry.path() / "ns/net";
    if (::stat(path.c_str(), &facts) == 0 && facts.st_ino == netns) return false;
  }
  return true;
}

void expect_gone(std::uint32_t netns) {
  workload::wait_until("all of the drill gone", [&] { return gone(netns); });
}

TEST(DrillStage, IsElsewhereAndLeavesNothing) {
  struct stat own{};
  ::stat("/proc/self/ns/net", &own);
  std::uint32_t netns = 0;
  {
    const auto stage = Stage::open(scenarios().front(), std::chrono::seconds(60));
    ASSERT_TRUE(stage) << stage.error().message;
    netns = (*stage)->netns();
    EXPECT_NE(netns, own.st_ino);
    EXPECT_TRUE((*stage)->running());
    EXPECT_FALSE(gone(netns));
  }
  expect_gone(netns);
}

// Its maker is killed in the middle of it.
TEST(DrillStage, DiesWithItsMaker) {
  int line[2];
  ASSERT_EQ(::pipe(line), 0);
  const pid_t maker = ::fork();
  if (maker == 0) {
    const auto stage = Stage::open(scenarios().front(), std::chrono::seconds(60));
    const std::uint32_t netns = stage ? (*stage)->netns() : 0;
    if (::write(line[1], &netns, sizeof netns) < 0) ::_exit(1);
    for (;;) ::pause();
  }
  std::uint32_t netns = 0;
  ASSERT_EQ(::read(line[0], &netns, sizeof netns), static_cast<ssize_t>(sizeof netns));
  ASSERT_NE(netns, 0U);
  ::kill(maker, SIGKILL);
  ::waitpid(maker, nullptr, 0);
  expect_gone(netns);
  ::close(line[0]);
  ::close(line[1]);
}

TEST(DrillStage, EndsByItselfInTime) {
  const auto stage = Stage::open(scenarios().front(), std::chrono::seconds(1));
  ASSERT_TRUE(stage) << stage.error().message;
  const std::uint32_t netns = (*stage)->netns();
  workload::wait_until("the end", [&] { return !(*stage)->running(); });
  expect_gone(netns);
}

}  // namespace
}  // namespace tcpwatch::test
