// SPDX-License-Identifier: Apache-2.0
// Short lives: processes that each make one connection and end, one after the other, some at a
// time. What a machine with cron jobs, CGI or build scripts does in days. Lives in a network
// namespace of its own; prints `lived N` every so often.
//
//   bench_lives [PROCESSES [PER-SECOND [TOLD-EVERY]]]
//   default: 100000 1000 10000
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "churn_net.h"

namespace {

using churn::fail;
using namespace std::chrono_literals;

constexpr int kAtATime = 16;  // children that are not waited for yet

// The server closes first, so that TIME_WAIT is its own.
[[noreturn]] void serve(int listener) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;)
    if (const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0) close(fd);
}

[[noreturn]] void live(const sockaddr_in& to) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) _exit(1);
  std::array<char, 1> end{};
  _exit(read(fd, end.data(), end.size()) == 0 ? 0 : 1);
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int place, long usual) {
    return argc > place ? std::max(1L, std::strtol(argv[place], nullptr, 10)) : usual;
  };
  const long processes = argument(1, 100'000);
  const long per_second = argument(2, 1000);
  const long told_every = argument(3, 10'000);
  churn::enter_own_namespace();
  const churn::Listener listener = churn::open_listener();
  const pid_t server = fork();
  if (server == 0) serve(listener.fd);
  close(listener.fd);
  const auto begin = std::chrono::steady_clock::now();
  int children = 0;
  long failed = 0;
  const auto gather = [&] {
    int status = 0;
    if (wait(&status) < 0) return;
    --children;
    failed += status != 0 ? 1 : 0;
  };
  for (long lived = 1; lived <= processes; ++lived) {
    std::this_thread::sleep_until(begin + lived * std::chrono::nanoseconds(1s) / per_second);
    const pid_t child = fork();
    if (child == 0) live(listener.address);
    if (child < 0) fail("fork");
    if (++children == kAtATime) gather();
    if (lived % told_every != 0 && lived != processes) continue;
    while (children > 0) gather();
    std::printf("lived %ld\n", lived);
    std::fflush(stdout);
  }
  kill(server, SIGKILL);
  if (failed != 0) std::fprintf(stderr, "bench_lives: %ld connects failed\n", failed);
  return failed != 0 ? 1 : 0;
}
