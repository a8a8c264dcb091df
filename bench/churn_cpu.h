// SPDX-License-Identifier: Apache-2.0
// CPU time of the churn workload and of the whole machine, and which CPU a process runs on.
// Owner: bench/churn.cpp alone. Seconds since the process (the machine) started.
#pragma once

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace churn {

struct Cpu {
  double own, busy, steal;
};

inline double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

// RUSAGE_SELF + CHILDREN of this process; busy and stolen time of the whole machine (tick-sampled).
inline Cpu cpu_now() {
  Cpu cpu{};
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    getrusage(who, &usage);
    cpu.own += seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  }
  std::ifstream stat("/proc/stat");
  std::string label;
  double user, nice, system, idle, iowait, irq, softirq, steal;
  stat >> label >> user >> nice >> system >> idle >> iowait >> irq >> softirq >> steal;
  const auto hz = static_cast<double>(sysconf(_SC_CLK_TCK));
  cpu.busy = (user + nice + system + irq + softirq) / hz;
  cpu.steal = steal / hz;
  return cpu;
}

inline void pin_to(int index) {
  cpu_set_t allowed, wanted;
  CPU_ZERO(&wanted);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  std::vector<size_t> cpus;
  for (size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &allowed)) cpus.push_back(cpu);
  CPU_SET(cpus[static_cast<size_t>(index) % cpus.size()], &wanted);
  sched_setaffinity(0, sizeof wanted, &wanted);
}

}  // namespace churn
