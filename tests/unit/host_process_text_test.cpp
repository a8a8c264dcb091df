// SPDX-License-Identifier: Apache-2.0
#include "host/process_text.h"

#include <gtest/gtest.h>

#include <string>

#include "support/random.h"
#include "tcpwatch/abi.h"

namespace tcpwatch {
namespace {

// A real line, with another name and state.
std::string stat_line(const std::string& comm, const std::string& state, int threads = 1) {
  return "4242 (" + comm + ") " + state + " 1 4242 4242 0 -1 4194560 1189 0 0 0 3 4 0 0 20 0 " +
         std::to_string(threads) +
         " 0 987654 11345920 1012 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0\n";
}

TEST(ProcessStat, Reads) {
  const std::string line = stat_line("nginx", "S");
  const auto stat = parse_process_stat(line);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->comm, "nginx");
  EXPECT_EQ(stat->start_ticks, 987654u);
  EXPECT_TRUE(stat->alive);
}

TEST(ProcessStat, NamesMayHoldAnything) {
  for (const char* comm : {"", " ", ")", "(", "a) S 1 2 3", "(sd-pam)", "tmux: server", ") Z 0 0",
                           "a\nb", "x\x1b[2J"}) {
    const std::string line = stat_line(comm, "R");
    const auto stat = parse_process_stat(line);
    ASSERT_TRUE(stat) << comm;
    EXPECT_EQ(stat->comm, comm);
    EXPECT_EQ(stat->start_ticks, 987654u);
    EXPECT_TRUE(stat->alive);
  }
}

TEST(ProcessStat, ZombiesAreNotAlive) {
  EXPECT_FALSE(parse_process_stat(stat_line("a", "Z"))->alive);
  EXPECT_FALSE(parse_process_stat(stat_line("a", "X"))->alive);
  EXPECT_TRUE(parse_process_stat(stat_line("a", "D"))->alive);
  EXPECT_TRUE(parse_process_stat(stat_line("a", "T"))->alive);
  EXPECT_TRUE(parse_process_stat(stat_line("a", "Z", 5))->alive) << "only the first thread ended";
}

TEST(ProcessStat, RefusesWhatIsCutOff) {
  const std::string line = stat_line("nginx", "S");
  for (std::size_t size = 0; size < line.find("987654"); ++size) {
    EXPECT_FALSE(parse_process_stat(line.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_process_stat(")("));
  EXPECT_FALSE(parse_process_stat("1 (a) S 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 x 1 x 1"));
}

TEST(OpenFilesLimit, Reads) {
  constexpr std::string_view kLimits =
      "Limit                     Soft Limit           Hard Limit           Units     \n"
      "Max cpu time              unlimited            unlimited            seconds   \n"
      "Max open files            1024                 524288               files     \n"
      "Max locked memory         8388608              8388608              bytes     \n";
  EXPECT_EQ(parse_open_files_limit(kLimits), 1024u);
  EXPECT_EQ(parse_open_files_limit("Max open files  unlimited unlimited files\n"), TW_UNKNOWN - 1);
  EXPECT_EQ(parse_open_files_limit("Max open files  99999999999 1 files\n"), TW_UNKNOWN - 1);
  EXPECT_FALSE(parse_open_files_limit("Max open files  many 1 files\n"));
  EXPECT_FALSE(parse_open_files_limit("Max open files"));
  EXPECT_FALSE(parse_open_files_limit(""));
}

TEST(Cmdline, Joins) {
  using namespace std::string_view_literals;
  EXPECT_EQ(joined_cmdline("redis-server\0*:6379\0"sv), "redis-server *:6379");
  EXPECT_EQ(joined_cmdline("nginx: worker process\0\0\0\0\0"sv), "nginx: worker process");
  EXPECT_EQ(joined_cmdline("sh\0-c\0\0x\0"sv), "sh -c  x");
  EXPECT_EQ(joined_cmdline("postgres: writer      "sv), "postgres: writer");
  EXPECT_EQ(joined_cmdline("a\0b"sv), "a b");
  EXPECT_EQ(joined_cmdline("\0\0"sv), "");
  EXPECT_EQ(joined_cmdline(""sv), "");
}

TEST(Cgroup, Version2) {
  EXPECT_EQ(choose_cgroup("0::/system.slice/nginx.service\n"), "/system.slice/nginx.service");
  EXPECT_EQ(choose_cgroup("0::/a/b (deleted)\n"), "/a/b");
  EXPECT_EQ(choose_cgroup("0::/\n"), "/");
  EXPECT_EQ(choose_cgroup(""), "");
}

TEST(Cgroup, Version1TakesTheDeepest) {
  EXPECT_EQ(choose_cgroup("12:pids:/system.slice\n"
                          "11:memory:/system.slice/docker.service\n"
                          "1:name=systemd:/\n"),
            "/system.slice/docker.service");
  EXPECT_EQ(choose_cgroup("2:cpu,cpuacct:/docker/0123\n1:name=systemd:/docker/0123\n"),
            "/docker/0123");
}

TEST(Cgroup, HybridTakesWhatTells) {
  EXPECT_EQ(choose_cgroup("4:memory:/docker/0123\n1:name=systemd:/docker/0123\n0::/\n"),
            "/docker/0123");
  EXPECT_EQ(choose_cgroup("4:memory:/a/b/c\n0::/system.slice/x.service\n"),
            "/system.slice/x.service");
  EXPECT_EQ(choose_cgroup("9:name=systemd:/\n1:cpu:/\n0::/\n"), "/");
}

TEST(Cgroup, PathsMayHaveColons) {
  EXPECT_EQ(choose_cgroup("3:memory:/system.slice/containerd.service/kubepods-pod1.slice:cri:01\n"),
            "/system.slice/containerd.service/kubepods-pod1.slice:cri:01");
}

TEST(Cgroup, LongPathsKeepTheirEnd) {
  EXPECT_EQ(fit_cgroup("/a/b", 10), "/a/b");
  EXPECT_EQ(fit_cgroup("/first/second/third", 16), ".../second/third");
  EXPECT_EQ(fit_cgroup("/first/second/third", 15), ".../third");
  EXPECT_EQ(fit_cgroup("/averylongname", 8), "...gname");
  EXPECT_EQ(fit_cgroup("/averylongname", 2), "me");
}

TEST(ProcessTextProperty, RandomTextNeverCrashes) {
  test::Random random;
  constexpr std::string_view kLetters = "()SZ 019:/\n-axy\0\xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random.number(0, 120), ' ');
    for (char& letter : text) letter = kLetters[random.number(0, kLetters.size() - 1)];
    (void)parse_process_stat(text);
    (void)parse_open_files_limit("Max open files" + text);
    (void)joined_cmdline(text);
    const std::string cgroup(choose_cgroup(text));
    EXPECT_TRUE(cgroup.empty() || cgroup.front() == '/');
    const auto bytes = random.number(0, 40);
    EXPECT_LE(fit_cgroup(cgroup, bytes).size(), bytes);
  }
}

}  // namespace
}  // namespace tcpwatch
