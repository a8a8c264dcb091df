// SPDX-License-Identifier: Apache-2.0
#include "app/agent/own_process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "base/clock.h"
#include "host/proc_file.h"
#include "host/process_text.h"

namespace tcpwatch {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// Since the epoch: now, less what has passed since.
double start_time(const ProcessStat& stat) {
  timespec up{};
  ::clock_gettime(CLOCK_BOOTTIME, &up);
  const double ago =
      static_cast<double>(up.tv_sec) + static_cast<double>(up.tv_nsec) * 1e-9 -
      static_cast<double>(stat.start_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return static_cast<double>(realtime_ns()) * 1e-9 - ago;
}

}  // namespace

AgentFacts::Process read_own_process() {
  AgentFacts::Process facts;
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  facts.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);

  std::string text;
  if (read_file("/proc/self/stat", text))
    if (const auto stat = parse_process_stat(text)) {
      // The same at every scrape, though it is computed from two clocks.
      static const double since = start_time(*stat);
      facts.start_time = since;
    }
  if (read_file("/proc/self/statm", text)) {
    std::string_view rest = text;
    const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    facts.virtual_bytes = to_number(take_word(rest)).value_or(0) * page;
    facts.resident_bytes = to_number(take_word(rest)).value_or(0) * page;
  }
  const auto entries = [](const char* path) {
    std::error_code error;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error))
      ++count;
    return count;
  };
  facts.open_fds = entries("/proc/self/fd");
  facts.threads = entries("/proc/self/task");
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  facts.max_fds = limit.rlim_cur;
  return facts;
}

}  // namespace tcpwatch
