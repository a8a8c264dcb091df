// SPDX-License-Identifier: Apache-2.0
// What the hooks alone cost a workload: tcpwatch's own programs on tracepoints, detached and
// attached again some times a second while the workload runs. A machine that others use as well
// changes its speed within a second by more than the hooks cost; two windows of 0.1 s beside each
// other share it. The watching process has no part in this: its CPU is exact by its own clock.
//
//   bench_hooks PID,PID SECONDS [WINDOW-MS]
//
// The processes are those of a bench_churn that runs longer. Prints one JSON object: CPU of the
// workload and of the kernel's packet threads, us per connection, of the windows in their order:
// off, on, off, on.
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "churn_net.h"
#include "events/record.h"
#include "kernel/tracer.h"
#include "tcpwatch/bpf_config.h"

namespace {

using namespace tcpwatch;
using namespace std::chrono_literals;

// What the agent asks for (app/agent).
constexpr std::uint32_t kMostCloses = 500;
constexpr auto kSettling = 5ms;  // the kernel patches its code, and frees what was attached

constexpr int kFewestPairs = 3;    // less has no spread
constexpr int kMostWindows = 100;  // that may pass without a connection

struct Discard : RecordSink {
  void on_record(const Record&) override {}
};

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench_hooks: %s\n", why.c_str());
  std::exit(74);
}

int ask_kernel(bpf_cmd command, bpf_attr& attributes) {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

int program_with_id(std::uint32_t id) {
  bpf_attr attributes{};
  attributes.prog_id = id;
  return ask_kernel(BPF_PROG_GET_FD_BY_ID, attributes);
}

// A program whose type knows its tracepoint (tp_btf) does not take a name.
int attached(int program, const char* tracepoint) {
  bpf_attr attributes{};
  attributes.raw_tracepoint.prog_fd = static_cast<std::uint32_t>(program);
  attributes.raw_tracepoint.name = reinterpret_cast<std::uintptr_t>(tracepoint);
  return ask_kernel(BPF_RAW_TRACEPOINT_OPEN, attributes);
}

// A program on a tracepoint, known by the descriptor of its link in this process.
struct Hook {
  int link;
  int program;
  std::string tracepoint;

  void detach() const {
    const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing < 0 || ::dup3(nothing, link, O_CLOEXEC) < 0) give_up("cannot detach");
    ::close(nothing);
  }
  void attach() const {
    int fresh = attached(program, nullptr);
    if (fresh < 0) fresh = attached(program, tracepoint.c_str());
    if (fresh < 0 || ::dup3(fresh, link, O_CLOEXEC) < 0) give_up("cannot attach again");
    ::close(fresh);
  }
};

std::vector<Hook> own_hooks() {
  std::vector<Hook> hooks;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream file(entry.path());
    std::string type, tracepoint;
    std::uint32_t program = 0;
    for (std::string key, value; file >> key >> value;) {
      if (key == "link_type:") type = value;
      if (key == "prog_id:") program = static_cast<std::uint32_t>(std::stoul(value));
      if (key == "tp_name:") tracepoint = value;
    }
    if (type == "raw_tracepoint")
      hooks.push_back({std::stoi(entry.path().filename()), program_with_id(program), tracepoint});
  }
  return hooks;
}

std::vector<pid_t> workload(const char* list) {
  std::vector<pid_t> pids;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) pids.push_back(std::stoi(word));
  if (pids.empty()) give_up("no process is given");
  return pids;
}

std::vector<pid_t> packet_threads() {
  std::vector<pid_t> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string name;
    if (std::getline(file, name) && name.starts_with("ksoftirqd"))
      threads.push_back(std::stoi(entry.path().filename()));
  }
  return threads;
}

double cpu_us(const std::vector<pid_t>& pids) {
  double sum = 0;
  for (const pid_t pid : pids) {
    timespec used{};
    const auto clock = static_cast<clockid_t>(~static_cast<unsigned>(pid) << 3 | 2);
    if (::clock_gettime(clock, &used) != 0) give_up("the workload has ended");
    sum += static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) * 1e-3;
  }
  return sum;
}

class Windows {
 public:
  Windows(const std::vector<pid_t>& pids, std::chrono::milliseconds length)
      : pids_(pids), snmp_("/proc/" + std::to_string(pids.front()) + "/net/snmp"), length_(length) {
    const std::vector<pid_t> threads = packet_threads();
    pids_.insert(pids_.end(), threads.begin(), threads.end());
  }

  double us_per_connection() {
    const auto begin = connections();
    const double used = cpu_us(pids_);
    double spent = 0;
    std::uint64_t made = 0;
    // A machine that stands still for a moment makes a window longer.
    for (int i = 0; made == 0 && i < kMostWindows; ++i) {
      std::this_thread::sleep_for(length_);
      spent = cpu_us(pids_) - used;
      made = connections() - begin;
    }
    if (made == 0) give_up("the workload stands still");
    return spent / static_cast<double>(made);
  }

 private:
  std::uint64_t connections() { return churn::mib(snmp_.c_str(), "Tcp")["ActiveOpens"]; }

  std::vector<pid_t> pids_;
  std::string snmp_;
  std::chrono::milliseconds length_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) give_up("usage: bench_hooks PID,PID SECONDS [WINDOW-MS]");
  Windows windows(workload(argv[1]),
                  std::chrono::milliseconds(argc > 3 ? std::atoi(argv[3]) : 100));
  auto tracer =
      Tracer::start({.detail = TW_DETAIL_FAILURES | TW_DETAIL_CLOSES, .most_closes = kMostCloses});
  if (!tracer) give_up(tracer.error().message);
  const std::vector<Hook> hooks = own_hooks();
  if (hooks.empty()) give_up("no program is on a tracepoint");

  Discard discard;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(argv[2]));
  const auto measure = [&] {
    std::this_thread::sleep_for(kSettling);
    return windows.us_per_connection();
  };
  const char* comma = "";
  std::printf("{\"hooks\":%zu,\"windows\":[", hooks.size());
  for (int pair = 0; pair < kFewestPairs || std::chrono::steady_clock::now() < end; ++pair) {
    for (const Hook& hook : hooks) hook.detach();
    const double off = measure();
    for (const Hook& hook : hooks) hook.attach();
    const double on = measure();
    std::printf("%s%.3f,%.3f", comma, off, on);
    comma = ",";
    (*tracer)->drain(discard);
  }
  std::printf("]}\n");
  return 0;
}
