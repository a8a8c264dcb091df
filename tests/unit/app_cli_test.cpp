// SPDX-License-Identifier: Apache-2.0
//
// The command line as users meet it: help texts (golden), and what a mistake is answered with.
// Nothing here gets as far as loading a hook.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "app/cgroup_members.h"
#include "unit/cli_call.h"
#include "unit/view_golden.h"

#ifndef TCPWATCH_DATA_DIR
#define TCPWATCH_DATA_DIR "tests/data"
#endif

namespace tcpwatch::test {
namespace {

using testing::HasSubstr;

class Help : public testing::TestWithParam<const char*> {};

TEST_P(Help, Golden) {
  const std::string command = GetParam();
  const Answer answer = command.empty() ? call({"--help"}) : call({command, "--help"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.err, "");
  expect_golden("help" + (command.empty() ? "" : "_" + command) + ".txt", answer.out);
}

INSTANTIATE_TEST_SUITE_P(Commands, Help,
                         testing::Values("", "top", "doctor", "drill", "sockets", "trace", "probe",
                                         "record", "report", "export", "capture", "agent"));

struct Mistake {
  std::vector<std::string> words;
  const char* told;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, AreToldInOneLineWithARemedy) {
  const Answer answer = call(GetParam().words);
  EXPECT_EQ(answer.code, 64);
  EXPECT_EQ(answer.out, "");
  EXPECT_THAT(answer.err, HasSubstr(GetParam().told));
  EXPECT_THAT(answer.err, HasSubstr("\nhint: "));
  EXPECT_EQ(std::ranges::count(answer.err, '\n'), 2) << answer.err;
}

INSTANTIATE_TEST_SUITE_P(
    Of, Mistakes,
    testing::Values(Mistake{{}, "subcommand is required"}, Mistake{{"topp"}, "topp"},
                    Mistake{{"capture", "prune", "a.tcpw"}, "no command prune"},
                    Mistake{{"capture"}, "subcommand is required"},
                    Mistake{{"capture", "cut", "a.tcpw"}, "--output is required"},
                    Mistake{{"report", "--json"}, "FILE is required"},
                    Mistake{{"probe", "--jsn"}, "--jsn"},
                    Mistake{{"doctor", "--duration", "0"}, "--duration"},
                    Mistake{{"drill"}, "which one"}, Mistake{{"drill", "nginx"}, "no drill nginx"},
                    Mistake{{"drill", "all"}, "--check"},
                    Mistake{{"trace", "--port", "65536"}, "--port"},
                    Mistake{{"top", "--batch", "-n", "0"}, "--count"},
                    Mistake{{"top", "--batch", "-n", "-1"}, "--count"},
                    Mistake{{"trace", "--pid", "4294967295"}, "no process 4294967295"},
                    Mistake{{"trace", "--pid", "nginx"}, "--pid"},
                    Mistake{{"trace", "--netns", "no-such-one"}, "no-such-one"},
                    Mistake{{"top", "--cgroup", "/no/such.slice"}, "no cgroup /no/such.slice"},
                    Mistake{{"probe", "--interval", "0"}, "--interval"},
                    Mistake{{"probe", "--interval", "fast"}, "--interval"},
                    Mistake{{"probe", "--duration", "-1s"}, "--duration"},
                    Mistake{{"probe", "--deny", "magic"}, "no mechanism magic"}));

// Standard output is a full disk.
TEST(Cli, WhatCouldNotBePrintedIsAnError) {
  const std::string file = TCPWATCH_DATA_DIR "/incident-leak.tcpw";
  const std::vector<std::vector<std::string>> calls{
      {"capture", "info", file}, {"capture", "verify", file}, {"--version"}, {"top", "--help"}};
  for (std::vector<std::string> words : calls) {
    words.insert(words.begin(), "tcpwatch");
    std::fflush(stdout);
    const int before = ::dup(STDOUT_FILENO);
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    ::dup2(full, STDOUT_FILENO);
    testing::internal::CaptureStderr();
    const int code = run(static_cast<int>(argv.size()), argv.data());
    const std::string told = testing::internal::GetCapturedStderr();
    ::dup2(before, STDOUT_FILENO);
    ::close(before);
    ::close(full);
    EXPECT_EQ(code, 74) << words.back();
    EXPECT_THAT(told, HasSubstr("No space left on device"));
  }
}

TEST(Cli, TellsItsVersion) {
  const Answer answer = call({"--version"});
  EXPECT_EQ(answer.code, 0);
  EXPECT_EQ(answer.out, TCPWATCH_VERSION "\n");
}

TEST(Cli, TakesACgroupAsAPathToo) {
  EXPECT_EQ(cgroup_path("/sys/fs/cgroup/system.slice/"), "/system.slice");
  EXPECT_EQ(cgroup_path("system.slice"), "/system.slice");
  EXPECT_EQ(cgroup_path("/"), "");
  EXPECT_EQ(cgroup_path(""), "");
}

}  // namespace
}  // namespace tcpwatch::test
