// SPDX-License-Identifier: Apache-2.0
#include "kernel/workload/cpu.h"

#include <sched.h>

#include <atomic>

namespace tcpwatch::workload {

std::vector<int> allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cpus;
  if (::sched_getaffinity(0, sizeof(set), &set) != 0) return {0};
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

int next_cpu() {
  static std::atomic<unsigned> turn{0};
  const std::vector<int> cpus = allowed_cpus();
  return cpus[turn++ % cpus.size()];
}

void pin_to(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::sched_setaffinity(0, sizeof(set), &set);
}

}  // namespace tcpwatch::workload
