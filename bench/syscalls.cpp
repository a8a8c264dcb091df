// SPDX-License-Identifier: Apache-2.0
// What an unrelated system call costs: getppid in a loop, in short blocks. Prints one JSON object.
// CPU time, not wall time: other processes do not count. What they leave in the caches still does,
// so the best block is given beside the median one.
//
//   bench_syscalls [BLOCKS]   (default 200 blocks of 20,000 calls, about 0.4 s)
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr int kCalls = 20000;

double cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ns_per_call() {
  const double start = cpu_ns();
  for (int i = 0; i < kCalls; ++i) syscall(SYS_getppid);
  return (cpu_ns() - start) / kCalls;
}

}  // namespace

int main(int argc, char** argv) {
  const int wanted = argc > 1 ? std::atoi(argv[1]) : 200;
  if (wanted <= 0) {
    std::fprintf(stderr, "usage: %s [BLOCKS]\n", argv[0]);
    return 64;
  }
  std::vector<double> blocks(static_cast<size_t>(wanted));
  for (double& block : blocks) block = ns_per_call();
  std::sort(blocks.begin(), blocks.end());
  std::printf("{\"calls\":%lld,\"ns_best\":%.2f,\"ns_median\":%.2f}\n",
              static_cast<long long>(wanted) * kCalls, blocks.front(), blocks[blocks.size() / 2]);
  return 0;
}
