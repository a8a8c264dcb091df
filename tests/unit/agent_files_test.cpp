// SPDX-License-Identifier: Apache-2.0
//
// What the agent leaves on disk: captures within their limits, files that are replaced as a whole.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/agent/incident_recorder.h"
#include "app/agent/nginx_status.h"
#include "app/agent/textfile.h"
#include "support/temp_dir.h"

namespace tcpwatch::test {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kNow = 1'700'000'000 * kSecond;

class Captures : public testing::Test {
 protected:
  void make(const std::string& name, std::size_t bytes, std::uint64_t age_seconds) const {
    folder.write(name, std::string(bytes, 'x'));
    const timespec time{static_cast<time_t>((kNow - age_seconds * kSecond) / kSecond), 0};
    const timespec times[2] = {time, time};
    ASSERT_EQ(::utimensat(AT_FDCWD, (folder.path() + "/" + name).c_str(), times, 0), 0);
  }
  bool there(const std::string& name) const {
    return std::filesystem::exists(folder.path() + "/" + name);
  }
  TempDir folder;
};

TEST_F(Captures, TheOldestGoUntilTheLimitsHold) {
  for (int i = 0; i < 6; ++i)
    make("tcpwatch-h-" + std::to_string(i) + ".tcpw", 100, static_cast<std::uint64_t>(i) * 100);
  make("mine.tcpw", 100, 9999);
  make("tcpwatch-notes.txt", 100, 9999);
  EXPECT_EQ(remove_old_captures(folder.path(), {.files = 4}, kNow), 2u);
  EXPECT_TRUE(there("tcpwatch-h-3.tcpw"));
  EXPECT_FALSE(there("tcpwatch-h-4.tcpw"));
  EXPECT_EQ(remove_old_captures(folder.path(), {.bytes = 250}, kNow), 2u);
  EXPECT_EQ(remove_old_captures(folder.path(), {.age_ns = 50 * kSecond}, kNow), 1u);
  EXPECT_TRUE(there("tcpwatch-h-0.tcpw"));
  EXPECT_TRUE(there("mine.tcpw"));
  EXPECT_TRUE(there("tcpwatch-notes.txt"));
}

TEST_F(Captures, TheNewestStaysHoweverLargeAndOld) {
  make("tcpwatch-h-0.tcpw", 100, 1000);
  EXPECT_EQ(remove_old_captures(folder.path(), {.files = 1, .bytes = 10, .age_ns = kSecond}, kNow),
            0u);
  EXPECT_TRUE(there("tcpwatch-h-0.tcpw"));
}

TEST(ReplaceFile, ReplacesAsAWholeAndLeavesNothingElse) {
  const TempDir folder;
  const std::string path = folder.path() + "/m.prom";
  std::ofstream(path + ".new") << "left by a run that was killed between link and rename";
  ASSERT_TRUE(replace_file(path, "one"));
  ASSERT_TRUE(replace_file(path, "two"));
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str(), "two");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path()))
    ++files;
  EXPECT_EQ(files, 1u);
  EXPECT_FALSE(replace_file(folder.path() + "/no/where", "x"));
}

TEST(StubStatus, IsReadAsNginxWritesIt) {
  const auto page = parse_stub_status(
      "Active connections: 291 \nserver accepts handled requests\n 16630948 16630940 31070465 \n"
      "Reading: 6 Writing: 179 Waiting: 106 \n",
      7);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->active, 291u);
  EXPECT_EQ(page->accepts, 16630948u);
  EXPECT_EQ(page->handled, 16630940u);
  EXPECT_EQ(page->requests, 31070465u);
  EXPECT_EQ(page->reading, 6u);
  EXPECT_EQ(page->writing, 179u);
  EXPECT_EQ(page->waiting, 106u);
  for (const char* other : {"", "<html>", "Active connections: \n", "Active connections: 1\n",
                            "Active connections: 99999999999999999999999\n"})
    EXPECT_FALSE(parse_stub_status(other, 7)) << other;
}

}  // namespace
}  // namespace tcpwatch::test
