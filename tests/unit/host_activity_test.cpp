// SPDX-License-Identifier: Apache-2.0
//
// What processes do: /proc as it might be, and one process that really gets no CPU.
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/clock.h"
#include "base/fixed_text.h"
#include "host/activity_reader.h"
#include "host/cpu_limits.h"
#include "support/temp_dir.h"

namespace tcpwatch {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

// `ticks` of CPU; the last of the words that are read is the scheduling policy.
std::string stat_of(const std::string& name, char state, int ticks, int cpu, int policy,
                    int threads = 1) {
  std::string text = "7 (" + name + ") " + state;
  for (int field = 4; field <= 52; ++field) {
    const int value = field == 14   ? ticks
                      : field == 20 ? threads
                      : field == 39 ? cpu
                      : field == 41 ? policy
                                    : 0;
    text += " " + std::to_string(value);
  }
  return text + "\n";
}

TEST(ProcessLoad, NamesMayHoldAnything) {
  const std::string text = stat_of("a) R 1 (", 'S', 250, 3, SCHED_FIFO);
  const auto load = parse_process_load(text);
  ASSERT_TRUE(load);
  EXPECT_EQ(load->comm, "a) R 1 (");
  EXPECT_EQ(load->state, 'S');
  EXPECT_EQ(load->ticks, 250U);
  EXPECT_EQ(load->cpu, 3U);
  EXPECT_TRUE(load->realtime);
  EXPECT_FALSE(parse_process_load(stat_of("a", 'S', 1, 1, SCHED_BATCH))->realtime);
  EXPECT_FALSE(parse_process_load("7 (a) S 1 2 3"));
}

TEST(ProcessLoad, KernelsWithoutRunDelaySayNothing) {
  const auto delay = parse_schedstat("913652 3297977 3\n");
  ASSERT_TRUE(delay);
  EXPECT_EQ(delay->ran_ns, 913652U);
  EXPECT_EQ(delay->waited_ns, 3297977U);
  EXPECT_FALSE(parse_schedstat("0 0 0\n"));
  EXPECT_FALSE(parse_schedstat(""));
}

TEST(CpuLimits, BothKindsOfGroup) {
  const auto groups = parse_cpu_groups("5:cpuset:/a\n3:cpu,cpuacct:/b:c\n0::/d\n1:name=cpu:/e\n");
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].path, "/b:c");
  EXPECT_FALSE(groups[0].unified);
  EXPECT_EQ(groups[1].path, "/d");
  EXPECT_TRUE(groups[1].unified);
  EXPECT_EQ(parse_cpu_max("50000 100000\n"), 0.5);
  for (const char* none : {"max 100000\n", "-1 100000", "5 0", "5", ""})
    EXPECT_FALSE(parse_cpu_max(none)) << none;
}

TEST(CpuLimits, OfTheGroupAndThoseAboveIt) {
  const test::TempDir dir;
  dir.write("7/cgroup", "0::/pod/web\n");
  dir.write("pod/web/cpu.max", "max 100000\n");
  dir.write("pod/cpu.max", "200000 100000\n");
  dir.write("pod/cpu.stat", "usage_usec 5\nnr_periods 40\nnr_throttled 30\n");
  const auto limits = cpu_limits_of(7, dir.path(), dir.path());
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0].group, "/pod");
  EXPECT_EQ(limits[0].cpus, 2);
  EXPECT_EQ(limits[0].periods, 40U);
  EXPECT_EQ(limits[0].throttled, 30U);
}

// A /proc that a test writes.
class Activities : public ::testing::Test {
 protected:
  void process(std::uint64_t ran, std::uint64_t waited, char state = 'R') {
    dir.write("7/stat", stat_of("nginx", state, 0, 1, 0));
    dir.write("7/schedstat", std::to_string(ran) + " " + std::to_string(waited) + " 9\n");
    dir.write("7/cgroup", "0::/web\n");
  }
  void throttled(int periods, int of_them) {
    dir.write("web/cpu.max", "10000 100000\n");
    dir.write("web/cpu.stat", "nr_periods " + std::to_string(periods) + "\nnr_throttled " +
                                  std::to_string(of_them) + "\n");
  }
  tw_activity look() {
    now += kSecond;
    return *reader.look(7, now);
  }

  test::TempDir dir;
  ActivityReader reader{dir.path(), dir.path()};
  std::uint64_t now = kSecond;
};

TEST_F(Activities, CountSinceTheLookBefore) {
  process(5, 7);
  EXPECT_EQ(look().looked_ns, 0U);
  process(5 + kSecond / 10, 7 + kSecond / 2);
  const tw_activity seen = look();
  EXPECT_EQ(seen.looked_ns, kSecond);
  EXPECT_EQ(seen.ran_ns, kSecond / 10);
  EXPECT_EQ(seen.waited_ns, kSecond / 2);
  EXPECT_EQ(seen.cpu, 1U);
  now += 10 * kSecond;
  EXPECT_EQ(look().looked_ns, 0U) << "too long ago";
  process(5, 7);
  EXPECT_EQ(look().looked_ns, 0U) << "another process has its pid";
  EXPECT_FALSE(reader.look(8, now));
}

// The kernel adds a wait to its sum only when it is over.
TEST_F(Activities, AWaitThatGoesOnIsToldOnce) {
  process(5, 7);
  look();
  EXPECT_EQ(look().waited_ns, kSecond);
  EXPECT_EQ(look().waited_ns, kSecond);
  process(6, 7 + 2 * kSecond + kSecond / 4);
  EXPECT_EQ(look().waited_ns, kSecond / 4);
  process(6, 7 + 2 * kSecond + kSecond / 4, 'S');
  look();
  EXPECT_EQ(look().waited_ns, 0U) << "asleep";
}

TEST_F(Activities, KernelsThatHideIt) {
  dir.write("7/stat", stat_of("nginx", 'R', 10, 1, 0));
  look();
  dir.write("7/stat", stat_of("nginx", 'R', 60, 1, 0));
  const tw_activity seen = look();
  EXPECT_EQ(seen.ran_ns, 50 * (kSecond / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK))));
  EXPECT_EQ(seen.waited_ns, TW_UNKNOWN_NS);
}

TEST_F(Activities, ThreadsAreAddedUp) {
  dir.write("7/stat", stat_of("java", 'S', 10, 1, 0, 2));
  for (const int step : {1, 3}) {
    for (const char* thread : {"7", "8"})
      dir.write(std::string("7/task/") + thread + "/schedstat",
                "0 " + std::to_string(step * 100'000'000) + " 4\n");
    const tw_activity seen = look();
    EXPECT_EQ(seen.state, '?');
    EXPECT_EQ(seen.waited_ns, step == 3 ? 400'000'000U : 0U);
  }
}

TEST_F(Activities, TheLimitThatIsUsedUp) {
  process(5, 7);
  throttled(100, 90);
  dir.write("loadavg", "1 1 1 3/99 1\n");
  look();
  look();
  process(6, 7 + 2 * kSecond);
  throttled(110, 99);
  const tw_activity seen = look();
  EXPECT_EQ(text_of(seen.group), "/web");
  EXPECT_EQ(seen.limit, 100U);
  EXPECT_EQ(seen.periods, 10U);
  EXPECT_EQ(seen.throttled, 9U);
  EXPECT_EQ(seen.runnable, 3U);
}

TEST_F(Activities, WhoTakesItsCpu) {
  process(5, 7);
  for (const int second : {0, 1, 2}) {
    dir.write("20/stat", stat_of("a", 'R', 1000 + 97 * second, 1, SCHED_RR));
    dir.write("21/stat", stat_of("b", 'R', 1000 + 40 * second, 1, 0));
    dir.write("22/stat", stat_of("c", 'R', 1000 + 99 * second, 0, 0));
    const tw_activity seen = look();
    if (second < 2) continue;
    EXPECT_EQ(seen.rival, 20U);
    EXPECT_EQ(text_of(seen.rival_comm), "a");
    EXPECT_EQ(seen.rival_share, 970U * 100 / static_cast<unsigned>(::sysconf(_SC_CLK_TCK)));
    EXPECT_TRUE(seen.rival_realtime);
  }
}

// A child that spins, alone or beside another on the same CPU that has all the right to it.
class Spinner {
 public:
  explicit Spinner(int cpu, int nice) : pid_(::fork()) {
    if (pid_ != 0) return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    ::sched_setaffinity(0, sizeof set, &set);
    ::setpriority(PRIO_PROCESS, 0, nice);
    while (::getppid() != 0) {
    }
  }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;
  ~Spinner() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

 private:
  pid_t pid_;
};

TEST(ActivityOfReal, StarvedByAnotherOnItsCpu) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &allowed)) ++cpu;
  const Spinner starved(cpu, 19);
  const Spinner rival(cpu, 0);
  ActivityReader reader;
  const std::uint64_t end = monotonic_ns() + 30 * kSecond;
  tw_activity seen{};
  while (monotonic_ns() < end && (seen.rival == 0 || seen.waited_ns < 3 * seen.ran_ns)) {
    ::poll(nullptr, 0, 300);
    seen = *reader.look(starved.pid(), monotonic_ns());
  }
  EXPECT_GE(seen.waited_ns, 3 * seen.ran_ns);
  EXPECT_NE(seen.rival, 0U) << "whoever it is: tests may run beside others";
  EXPECT_EQ(seen.cpu, static_cast<unsigned>(cpu));
  EXPECT_EQ(seen.cpus, 1U);
}

}  // namespace
}  // namespace tcpwatch
