// SPDX-License-Identifier: Apache-2.0
// A full socket table: so many TIME_WAIT and so many ESTABLISHED sockets, both ends held by worker
// processes, in a network namespace of its own. Made over loopback, as real connections.
//
//   bench_table [--time-wait N] [--established N]
//
// Says {"ready":true,"pid":N,"seconds":X} when all are there. A line on standard input makes the
// TIME_WAIT again (they last 60 s) and says so again; the end of input ends it.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <string_view>

#include "churn_net.h"

namespace {

using churn::fail;
using churn::Listener;

constexpr uint32_t kPerAddress = 20000;  // of some 64,000 ports: the search for one stays short

constexpr uint32_t kPerWorker = 400;  // connections; two descriptors each

struct Options {
  uint32_t time_wait = 200000;
  uint32_t established = 20000;
};

struct Pair {
  int client = -1;
  int server = -1;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto value = static_cast<uint32_t>(std::strtoul(argv[i + 1], nullptr, 10));
    if (std::string_view(argv[i]) == "--time-wait") {
      options.time_wait = value;
    } else if (std::string_view(argv[i]) == "--established") {
      options.established = value;
    } else {
      std::fprintf(stderr, "usage: %s [--time-wait N] [--established N]\n", argv[0]);
      std::exit(64);
    }
  }
  return options;
}

// The n-th connection of its kind goes to 127.KIND.x.1, so that ports never run out.
Pair connect_one(const Listener& listener, uint32_t kind, uint32_t n) {
  Pair pair;
  sockaddr_in to = listener.address;
  to.sin_addr.s_addr = htonl(0x7f000001 | kind << 16 | (n / kPerAddress) << 8);
  pair.client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (pair.client < 0 || connect(pair.client, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    fail("connect");
  pair.server = accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC);
  if (pair.server < 0) fail("accept");
  return pair;
}

// The client closes first: it is the one that waits.
void make_time_wait(const Listener& listener, uint32_t count) {
  static uint32_t kind = 1;
  for (uint32_t n = 0; n < count; ++n) {
    const Pair pair = connect_one(listener, kind, n);
    close(pair.client);
    close(pair.server);
  }
  kind = kind % 200 + 1;
}

// A worker makes its connections, and holds both ends for as long as its parent lives.
void start_worker(const Listener& listener, uint32_t first, uint32_t count) {
  int done[2];
  if (pipe2(done, O_CLOEXEC) != 0) fail("pipe");
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint32_t n = first; n < first + count; ++n) connect_one(listener, 201, n);
    close(done[0]);
    if (write(done[1], "", 1) != 1) fail("pipe");
    for (;;) pause();
  }
  close(done[1]);
  char byte = 0;
  if (read(done[0], &byte, 1) != 1) fail("worker");
  close(done[0]);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  churn::enter_own_namespace();
  churn::write_sysctl("tcp_max_tw_buckets", "1000000");
  const Listener listener = churn::open_listener(INADDR_ANY);
  for (uint32_t first = 0; first < options.established / 2; first += kPerWorker)
    start_worker(listener, first, std::min(kPerWorker, options.established / 2 - first));
  do {
    const auto start = std::chrono::steady_clock::now();
    make_time_wait(listener, options.time_wait);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    std::printf("{\"ready\":true,\"pid\":%d,\"seconds\":%.3f}\n", getpid(), spent.count());
    std::fflush(stdout);
  } while (std::getchar() != EOF);
  return 0;
}
