// SPDX-License-Identifier: Apache-2.0
// The churn workload: connections as short as they can be, as many as two processes manage.
// One connection = connect, one byte each way, the client closes first: exactly ten TCP state
// changes, five on each end. Client and server are two processes on two CPUs, in a network
// namespace of their own. Prints one JSON object; seconds and counts.
//
//   bench_churn [--connections N | --seconds S] [--together] [--wait] [--no-pin]
//
// --wait: says {"ready":true,"pids":[..],"ports":[..]}, starts on a line from standard input and
// after its result stays (with its namespace and its TIME_WAIT sockets) until standard input ends.
#include <signal.h>
#include <sys/wait.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "churn_cpu.h"
#include "churn_net.h"
#include "churn_traffic.h"

namespace {

using churn::Cpu;
using churn::fail;
using churn::kBatch;
using churn::Listener;

struct Options {
  uint64_t connections = 50000;
  double seconds = 0;  // if above 0 it decides instead
  bool together = false;
  bool wait = false;
  bool pin = true;
};

uint64_t run_client(const std::vector<Listener>& listeners, int batches, const Options& options) {
  const auto start = std::chrono::steady_clock::now();
  uint64_t done = 0;
  for (;;) {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (options.seconds > 0 ? spent.count() >= options.seconds : done >= options.connections) break;
    const uint64_t left = options.seconds > 0 ? kBatch : options.connections - done;
    const auto count = static_cast<uint32_t>(left < kBatch ? left : kBatch);
    churn::connect_batch(listeners, batches, count, options.together);
    done += count;
  }
  return done;
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (name == "--wait") {
      options.wait = true;
    } else if (name == "--together") {
      options.together = true;
    } else if (name == "--no-pin") {
      options.pin = false;
    } else if (name == "--connections" && std::atoll(value) > 0) {
      options.connections = std::strtoull(value, nullptr, 10), ++i;
    } else if (name == "--seconds" && std::atof(value) > 0) {
      options.seconds = std::atof(value), ++i;
    } else {
      std::fprintf(stderr,
                   "usage: %s [--connections N | --seconds S] [--together] [--wait] [--no-pin]\n",
                   argv[0]);
      std::exit(64);
    }
  }
  return options;
}

// False: standard input ended first, there is nothing to do.
bool wait_for_start(const std::vector<Listener>& listeners, pid_t server) {
  std::printf("{\"ready\":true,\"pids\":[%d,%d],\"ports\":[%d,%d]}\n", getpid(), server,
              listeners[0].port(), listeners[1].port());
  std::fflush(stdout);
  return std::getchar() != EOF;
}

void print_result(uint64_t connections, double wall, const Cpu& before, const Cpu& after) {
  auto tcp = churn::mib("/proc/net/snmp", "Tcp");
  auto ext = churn::mib("/proc/net/netstat", "TcpExt");
  const auto n = static_cast<double>(connections);
  const double own = after.own - before.own;
  std::printf(
      "{\"connections\":%llu,\"wall_s\":%.6f,\"cpu_s\":%.6f,\"conns_per_s\":%.1f,"
      "\"cpu_us_per_conn\":%.3f,\"machine_busy_s\":%.3f,\"machine_steal_s\":%.3f,",
      static_cast<unsigned long long>(connections), wall, own, n / wall, own / n * 1e6,
      after.busy - before.busy, after.steal - before.steal);
  std::printf(
      "\"active_opens\":%llu,\"passive_opens\":%llu,\"listen_overflows\":%llu,"
      "\"retransmits\":%llu}\n",
      static_cast<unsigned long long>(tcp["ActiveOpens"]),
      static_cast<unsigned long long>(tcp["PassiveOpens"]),
      static_cast<unsigned long long>(ext["ListenOverflows"]),
      static_cast<unsigned long long>(tcp["RetransSegs"]));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  churn::enter_own_namespace();
  const std::vector<Listener> listeners{churn::open_listener(), churn::open_listener()};
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) fail("pipe");
  const pid_t server = fork();
  if (server < 0) fail("fork");
  if (server == 0) {
    close(pipe_fds[1]);
    churn::serve(listeners, pipe_fds[0], options.pin, options.together);
  }
  close(pipe_fds[0]);
  for (const Listener& listener : listeners) close(listener.fd);
  signal(SIGPIPE, SIG_IGN);
  if (options.pin) churn::pin_to(0);
  const bool go = !options.wait || wait_for_start(listeners, server);

  const Cpu before = churn::cpu_now();
  const auto start = std::chrono::steady_clock::now();
  const uint64_t connections = go ? run_client(listeners, pipe_fds[1], options) : 0;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  close(pipe_fds[1]);
  int status = 0;
  waitpid(server, &status, 0);
  const Cpu after = churn::cpu_now();
  if (status != 0) return 74;
  if (go) print_result(connections, wall.count(), before, after);
  while (go && options.wait && std::getchar() != EOF) {
  }
  return 0;
}
