// SPDX-License-Identifier: Apache-2.0
#include "host/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/fixed_text.h"
#include "base/unique_fd.h"
#include "base/worker.h"
#include "events/batch.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kTime = 5;

std::uint32_t own_pid() { return static_cast<std::uint32_t>(::getpid()); }

bool is_valid(const tw_process& process) {
  return static_cast<bool>(decode(std::as_bytes(std::span(&process, 1))));
}

// A child that waits until it is ended.
class Child {
 public:
  Child() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    pid_ = ::fork();
    if (pid_ == 0) {
      char byte;
      ::close(ends[1]);
      [[maybe_unused]] const auto ended = ::read(ends[0], &byte, 1);
      ::_exit(0);
    }
    ::close(ends[0]);
    hold_.reset(ends[1]);
  }
  ~Child() {
    become_zombie();
    ::waitpid(pid_, nullptr, 0);
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }
  void become_zombie() {
    hold_.reset();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void reap() {
    become_zombie();
    ::waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_ = -1;
  UniqueFd hold_;
};

void write_fixture(const test::TempDir& proc, const std::string& pid, const std::string& start) {
  proc.write(
      pid + "/stat",
      pid + " (my (odd) name) S 1 1 1 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 " + start + " 1 1 1\n");
  proc.write(pid + "/cmdline", std::string("odd\0--flag\0", 11));
  proc.write(pid + "/cgroup", "0::/system.slice/odd.service\n");
  proc.write(pid + "/limits", "Max open files            4096                 8192    files\n");
  for (const char* fd : {"0", "1", "2", "17"}) proc.write(pid + "/fd/" + fd, "");
}

TEST(ProcessReader, Fixture) {
  const test::TempDir proc;
  write_fixture(proc, "77", "4711");
  ProcessReader reader(proc.path());
  const auto process = reader.read(77, kTime);
  ASSERT_TRUE(process);
  EXPECT_TRUE(is_valid(*process));
  EXPECT_EQ(process->header.time, kTime);
  EXPECT_EQ(process->worker, make_worker(77, 4711));
  EXPECT_EQ(text_of(process->comm), "my (odd) name");
  EXPECT_EQ(text_of(process->cmdline), "odd --flag");
  EXPECT_EQ(text_of(process->cgroup), "/system.slice/odd.service");
  EXPECT_EQ(process->fds_open, 4u);
  EXPECT_EQ(process->fds_limit, 4096u);
  EXPECT_EQ(process->alive, 1u);
}

TEST(ProcessReader, LongTextsAreCut) {
  const test::TempDir proc;
  write_fixture(proc, "77", "4711");
  proc.write("77/cmdline", std::string(100000, 'x'));
  proc.write("77/cgroup", "0::/" + std::string(300, 'a') + "/" + std::string(100, 'b') + "\n");
  const auto process = ProcessReader(proc.path()).read(77, kTime);
  ASSERT_TRUE(process);
  EXPECT_TRUE(is_valid(*process));
  EXPECT_EQ(text_of(process->cmdline), std::string(127, 'x'));
  EXPECT_EQ(text_of(process->cgroup), ".../" + std::string(100, 'b'));
}

TEST(ProcessReader, WhatCannotBeReadIsUnknown) {
  const test::TempDir proc;
  proc.write("77/stat", "77 (a) S 1 1 1 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 4711 1 1 1\n");
  const auto process = ProcessReader(proc.path()).read(77, kTime);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->fds_open, TW_UNKNOWN);
  EXPECT_EQ(process->fds_limit, TW_UNKNOWN);
  EXPECT_EQ(text_of(process->cmdline), "");
  EXPECT_EQ(process->alive, 1u);
}

TEST(ProcessReader, AReusedPidIsAnotherProcess) {
  const test::TempDir proc;
  write_fixture(proc, "77", "4711");
  ProcessReader reader(proc.path());
  auto process = *reader.read(77, kTime);
  EXPECT_TRUE(reader.alive(process.worker));
  write_fixture(proc, "77", "4712");
  EXPECT_FALSE(reader.alive(process.worker));
  reader.refresh(process, kTime + 1);
  EXPECT_EQ(process.alive, 0u);
  EXPECT_EQ(process.fds_open, TW_UNKNOWN);
  EXPECT_EQ(process.header.time, kTime + 1);
  EXPECT_EQ(text_of(process.comm), "my (odd) name") << "what was known stays";
  const tw_process gone = reader.read_worker(make_worker(77, 4711), kTime);
  EXPECT_EQ(gone.alive, 0u);
  EXPECT_EQ(gone.worker, make_worker(77, 4711));
  EXPECT_TRUE(is_valid(gone));
}

TEST(ProcessReader, StartTicksAreComparedInTheirLow32Bits) {
  const test::TempDir proc;
  write_fixture(proc, "77", "4294967297");  // 2^32 + 1: 497 days of uptime and a tick
  ProcessReader reader(proc.path());
  EXPECT_EQ(reader.read(77, kTime)->worker, make_worker(77, 1));
  EXPECT_TRUE(reader.alive(make_worker(77, 1)));
}

TEST(ProcessReader, Self) {
  ProcessReader reader;
  const auto process = reader.read(own_pid(), kTime);
  ASSERT_TRUE(process);
  EXPECT_TRUE(is_valid(*process));
  EXPECT_EQ(process->alive, 1u);
  EXPECT_NE(worker_start_ticks(process->worker), 0u);
  char comm[TW_COMM] = {};
  ::prctl(PR_GET_NAME, comm);
  EXPECT_EQ(text_of(process->comm), text_of(comm));
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(process->fds_limit, limit.rlim_cur);
  EXPECT_EQ(text_of(process->cgroup).substr(0, 1), "/");
  EXPECT_FALSE(text_of(process->cmdline).empty());
}

TEST(ProcessReader, CountsDescriptors) {
  ProcessReader reader;
  auto process = *reader.read(own_pid(), kTime);
  const auto before = process.fds_open;
  std::vector<UniqueFd> more;
  for (int i = 0; i < 100; ++i) more.emplace_back(::dup(0));
  reader.refresh(process, kTime);
  EXPECT_EQ(process.fds_open, before + 100);
  more.clear();
  reader.refresh(process, kTime);
  EXPECT_EQ(process.fds_open, before);
}

TEST(ProcessReader, ChildEnds) {
  Child child;
  ProcessReader reader;
  auto process = *reader.read(child.pid(), kTime);
  EXPECT_TRUE(reader.alive(process.worker));
  child.become_zombie();
  EXPECT_FALSE(reader.alive(process.worker));
  EXPECT_EQ(reader.read_worker(process.worker, kTime).alive, 0u);
  EXPECT_EQ(reader.read(child.pid(), kTime)->fds_open, TW_UNKNOWN);
  child.reap();
  EXPECT_FALSE(reader.alive(process.worker));
  EXPECT_FALSE(reader.read(child.pid(), kTime));
  reader.refresh(process, kTime);
  EXPECT_EQ(process.alive, 0u);
}

TEST(ProcessReader, NoSuchProcess) {
  ProcessReader reader;
  EXPECT_FALSE(reader.read(0, kTime));
  EXPECT_FALSE(reader.read(0xffffffff, kTime));
  EXPECT_FALSE(reader.alive(0));
  EXPECT_FALSE(ProcessReader("/nonexistent").read(1, kTime));
}

}  // namespace
}  // namespace tcpwatch
